vim9script
# Learning from files, in the background. Progress is shown where the user wants it: in the status line.

import autoload './messages.vim'
import autoload './options.vim'

var run: job = null_job
var progress = ''
var report = ''
var last_words = ''

# Return how far learning is, such as '42%', or an empty string.
export def Progress(): string
  return progress
enddef

# Begin to learn; the arguments are those of `foretype train`, without any the current project is learnt from.
export def Begin(arguments: list<string>)
  if run != null_job && job_status(run) == 'run'
    messages.Complain('learning is under way; `:Foretype cancel` ends it, with all kept')
    return
  endif
  var what = arguments->empty() ? [Project()] : arguments->mapnew((_, word) => expand(word))
  [progress, report, last_words] = ['begins', '', '']
  run = job_start(options.Program() + ['train', '--json'] + what, {
    out_mode: 'raw',
    err_mode: 'nl',
    out_cb: (_, text) => {
      report ..= text
    },
    err_cb: (_, line) => Note(line),
    close_cb: (_) => Ended(),
  })
  if job_status(run) == 'fail'
    progress = ''
    messages.Complain(options.Program()[0] .. ' could not be started; see g:foretype.cmd')
    return
  endif
  messages.Tell('learning from ' .. what->join(' '))
enddef

# End learning; what was learnt so far is kept, and `:Foretype train --resume` goes on.
export def Cancel()
  if run == null_job || job_status(run) != 'run'
    messages.Complain('nothing is being learnt')
  else
    job_stop(run, 'int')
  endif
enddef

# Return the folder of the repository around the current file, or the current folder.
def Project(): string
  var here = expand('%:p:h') .. ';'
  for mark in ['.git', '.hg', '.svn']
    var found = finddir(mark, here)
    if found == ''
      # a worktree's .git is a file
      found = findfile(mark, here)
    endif
    if found != ''
      return fnamemodify(found, ':p')->substitute('[/\\]\=$', '', '')->fnamemodify(':h')
    endif
  endfor
  return getcwd()
enddef

def Note(line: string)
  last_words = line
  messages.Log(line)
  var percent = line->matchstr('^ *\zs\d\+%')
  progress = percent == '' ? progress : percent
  redrawstatus!
enddef

def Ended()
  progress = ''
  redrawstatus!
  if report == ''
    messages.Complain(last_words == '' ? 'learning ended early' : last_words->substitute('^foretype: ', '', ''))
    return
  endif
  var learnt = json_decode(report)
  if learnt.version == v:null
    messages.Tell(printf('%d bytes are remembered', learnt.memory.bytes))
    return
  endif
  var verdict = learnt.serves ? 'serves now' : 'does not serve, it is no better'
  messages.Tell(printf('%s %s %s: %.3f -> %.3f bits per byte on held-out files',
    learnt.name, learnt.version, verdict, learnt.held_out.before, learnt.held_out.after))
enddef
