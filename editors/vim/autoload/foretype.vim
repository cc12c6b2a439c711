vim9script
# What users call: the command :Foretype and the status line.

import autoload './foretype/client.vim'
import autoload './foretype/documents.vim'
import autoload './foretype/ghost.vim'
import autoload './foretype/mappings.vim'
import autoload './foretype/messages.vim'
import autoload './foretype/options.vim'
import autoload './foretype/suggestions.vim'
import autoload './foretype/training.vim'

const PATIENCE = 2000

# Begin: read the options, map the keys, open what is there.
export def Begin()
  for problem in options.Read()
    messages.Complain(problem)
  endfor
  ghost.DefineColours()
  mappings.Map()
  documents.OpenAll()
enddef

# Do what `:Foretype` was told to.
export def Command(words: list<string>)
  var name = words->get(0, 'status')
  if COMMANDS->has_key(name)
    COMMANDS[name](words[1 :])
  else
    messages.Complain(printf('there is no :Foretype %s; there are %s', name, COMMANDS->keys()->sort()->join(', ')))
  endif
enddef

# Return what may follow in `:Foretype`.
export def Complete(lead: string, line: string, _: number): string
  var words = line->split('\s\+', true)
  if len(words) <= 2
    return COMMANDS->keys()->sort()->join("\n")
  elseif words[1] == 'set'
    return SettingNames()->join("\n")
  elseif words[1] == 'train'
    return getcompletion(lead, 'dir')->join("\n")
  endif
  return ''
enddef

# Return a few words for the status line: what Foretype is doing, or what keeps it from suggesting.
export def Statusline(): string
  var learning = training.Progress()
  if learning != ''
    return 'Foretype learns ' .. learning
  elseif suggestions.IsPaused()
    return 'Foretype paused'
  elseif client.IsReady()
    return client.Progress() == '' ? 'Foretype' : client.Progress()
  endif
  return {stopped: '', starting: 'Foretype starts', waiting: 'Foretype starts again', failed: 'Foretype failed'}[client.Phase()]
enddef

# Use these settings of the server from now on, as g:foretype.settings holds them.
export def Configure(settings: dict<any>)
  for [name, value] in items(settings)
    options.Set(name, value)
  endfor
  client.Notify('workspace/didChangeConfiguration', {settings: {foretype: options.Settings()}})
enddef

def Set(arguments: list<string>)
  var [name; rest] = arguments->join(' ')->split('\s*[= ]\s*') + ['']
  if rest->len() < 2
    messages.Complain('`:Foretype set NAME VALUE`, for instance `:Foretype set eagerness 0.7`')
    return
  endif
  var value = rest[: -2]->join(' ')
  try
    Configure({[name]: json_decode(value)})
  catch /E491:\|E938:/
    # a word without quotes
    Configure({[name]: value})
  endtry
enddef

def SettingNames(): list<string>
  var settings: dict<any> = client.Ask('foretype/status', PATIENCE)->get('settings', {})
  return settings->keys()->sort()->mapnew((_, name) => name->substitute('_\(.\)', '\u\1', 'g'))
enddef

def Status(): list<string>
  var status = client.Ask('foretype/status', PATIENCE)
  if status->empty()
    return ['The server is not there: ' .. client.Phase(), 'See `:Foretype log` and `:Foretype doctor`.']
  endif
  var silences = status.silences->items()->mapnew((_, pair) => printf('%s %d', pair[0]->tr('_', ' '), pair[1]))
  return [
    printf('Foretype %s, %s', status.version, Readiness(status)),
    printf('%d shown, %d accepted, %d keys saved', status.shown, status.accepted, status.keys_saved),
    'Silent: ' .. (silences->empty() ? 'never' : silences->join(', ')),
    'Remembered: ' .. (status.memory.folders->empty() ? 'no folder' : status.memory.folders->join(', ')),
    printf('%d documents, %d MB of memory', len(status.documents), status.process_bytes / 1'000'000),
  ]
enddef

def Readiness(status: dict<any>): string
  if suggestions.IsPaused()
    return 'paused here'
  elseif !status.settings.enabled
    return 'switched off'
  endif
  return status.model.loaded ? 'ready' : 'the model is being loaded'
enddef

# Run a command of the program and show what it prints when it is done.
def Run(name: string, arguments: list<string>)
  var printed: list<string> = []
  job_start(options.Program() + [name] + arguments, {
    callback: (_, line) => printed->add(line),
    close_cb: (_) => messages.Show(name, printed),
  })
enddef

# Below the functions that it names.
const COMMANDS: dict<func> = {
  status: (_) => messages.Show('status', Status()),
  train: (arguments) => training.Begin(arguments),
  cancel: (_) => training.Cancel(),
  stats: (arguments) => Run('stats', arguments),
  doctor: (arguments) => Run('doctor', arguments),
  pause: (_) => suggestions.Pause(true),
  resume: (_) => suggestions.Pause(false),
  toggle: (_) => suggestions.Pause(!suggestions.IsPaused()),
  set: (arguments) => Set(arguments),
  log: (_) => messages.Show('log', messages.All()),
  restart: (_) => client.Restart(),
}
