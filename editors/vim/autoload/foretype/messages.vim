vim9script
# What the user is told, one line at a time, and the log that `:Foretype log` shows.

const MOST_LINES = 1000

var lines: list<string> = []

# Keep a line for the log.
export def Log(text: string)
  lines->add(strftime('%H:%M:%S ') .. text)
  if len(lines) > MOST_LINES
    lines->remove(0, len(lines) - MOST_LINES - 1)
  endif
enddef

# Return the log.
export def All(): list<string>
  return lines->copy()
enddef

# Say what went as it should.
export def Tell(text: string)
  Say('None', text)
enddef

# Say what went wrong and what to do.
export def Complain(text: string)
  Say('ErrorMsg', text)
enddef

# Show lines in a window of their own, which `q` closes.
export def Show(title: string, shown: list<string>)
  var name = 'foretype://' .. title
  execute 'silent botright new ' .. fnameescape(name)
  setlocal buftype=nofile bufhidden=wipe noswapfile nobuflisted nowrap
  setline(1, shown)
  setlocal nomodifiable
  nnoremap <buffer> <nowait> q <Cmd>close<CR>
  execute 'resize' min([max([len(shown), 3]), &lines / 2])
enddef

def Say(group: string, text: string)
  var line = text->substitute('\_s\+', ' ', 'g')
  Log(line)
  execute 'echohl' group
  echomsg 'foretype: ' .. line
  echohl None
enddef
