vim9script
# The server's process and the messages to and from it. It is started again when it dies, later each time.
# Knows nothing of buffers: `documents` says what is open, `suggestions` asks.

import autoload './documents.vim'
import autoload './messages.vim'
import autoload './options.vim'

const FIRST_DELAY = 500
const LONGEST_DELAY = 60'000
# A server that ran this many seconds is not failing to start.
const STEADY_SECONDS = 60
const BAD_USAGE = 2
# Vim's own code for a program that is there and cannot be executed.
const CANNOT_START = 122

var server: job = null_job
var phase = 'stopped'
var delay = FIRST_DELAY
var started_at = 0
var restarting = 0
var progress: dict<string> = {}
var encoding = ''
var last_words = ''

# Return 'stopped', 'starting', 'ready', 'waiting' (to start again) or 'failed'.
export def Phase(): string
  return phase
enddef

# Tell whether messages can be sent.
export def IsReady(): bool
  return phase == 'ready'
enddef

# Return what the server says it is doing, or an empty string.
export def Progress(): string
  return progress->empty() ? '' : progress->values()[0]
enddef

# Start the server if it is not running.
export def Start()
  if phase == 'starting' || phase == 'ready'
    return
  endif
  timer_stop(restarting)
  var command = options.ServerCommand()
  if !executable(command[0])
    Fail(printf("%s was not found; `pip install foretype`, or name it in g:foretype.cmd", string(command[0])))
    return
  endif
  phase = 'starting'
  started_at = localtime()
  last_words = ''
  server = job_start(command, {
    in_mode: 'lsp',
    out_mode: 'lsp',
    err_mode: 'nl',
    # a big document must not hold up a key
    noblock: 1,
    out_cb: Received,
    err_cb: Logged,
    exit_cb: Ended,
    # it ends by itself, orderly, see Leave
    stoponexit: '',
  })
  Request('initialize', Greeting(), Greeted)
enddef

# End the server and start it anew.
export def Restart()
  Stop()
  Start()
enddef

# End the server.
export def Stop()
  timer_stop(restarting)
  var old = server
  server = null_job
  phase = 'stopped'
  delay = FIRST_DELAY
  progress = {}
  documents.Forgotten()
  SayGoodbye(old)
enddef

# Let the server end by itself while Vim ends: what it has counted is written down.
export def Leave()
  phase = 'stopped'
  SayGoodbye(server)
enddef

# Send a notification.
export def Notify(method: string, params: dict<any>)
  Send({method: method, params: params}, {})
enddef

# Send a request; Use gets the whole response. Returns the request's id.
export def Request(method: string, params: dict<any>, Use: func(dict<any>)): number
  return Send({method: method, params: params}, {callback: (_, response) => Use(response)})
enddef

# Send a request and return its result, or an empty dictionary if it takes too long.
export def Ask(method: string, milliseconds: number): dict<any>
  if !IsReady()
    return {}
  endif
  var channel = job_getchannel(server)
  var response = Written(() => ch_evalexpr(channel, {method: method, params: {}}, {timeout: milliseconds}))
  return type(response) == v:t_dict ? response->get('result', {}) : {}
enddef

def Send(message: dict<any>, how: dict<any>): number
  var channel = job_getchannel(server)
  if ch_status(channel) != 'open'
    return 0
  endif
  var sent = Written(() => ch_sendexpr(channel, message, how))
  return type(sent) == v:t_dict ? sent->get('id', 0) : 0
enddef

# Write to the server, which may end between a look at its channel and the writing: Ended hears of it.
def Written(Write: func(): any): any
  try
    return Write()
  catch /:E631:/
  endtry
  return v:none
enddef

def SayGoodbye(old: job)
  if old == null_job || job_status(old) != 'run'
    return
  endif
  var channel = job_getchannel(old)
  if ch_status(channel) == 'open'
    Written(() => ch_sendexpr(channel, {method: 'shutdown'}, {callback: (_, _) => 0}))
    Written(() => ch_sendexpr(channel, {method: 'exit'}))
    ch_close_in(channel)
  endif
enddef

def Greeting(): dict<any>
  return {
    processId: getpid(),
    clientInfo: {name: 'Vim', version: printf('%d.%d', v:version / 100, v:version % 100)},
    rootUri: v:null,
    initializationOptions: options.Settings(),
    capabilities: {
      general: {positionEncodings: ['utf-8', 'utf-16']},
      textDocument: {inlineCompletion: {}, synchronization: {didSave: true}},
      window: {workDoneProgress: true},
      workspace: {configuration: true},
    },
  }
enddef

def Greeted(response: dict<any>)
  if !response->has_key('result')
    Fail('the server refused: ' .. response->get('error', {})->get('message', 'no reason given'))
    return
  endif
  encoding = response.result.capabilities->get('positionEncoding', 'utf-16')
  if encoding != 'utf-8'
    Fail('the server counts columns in ' .. encoding .. ', Vim in utf-8; update foretype')
    return
  endif
  phase = 'ready'
  Notify('initialized', {})
  documents.OpenAll()
enddef

def Received(_: channel, message: dict<any>)
  var method = message->get('method', '')
  if message->has_key('id')
    Answer(message.id, Reply(method))
  elseif method == '$/progress'
    KeepProgress(message.params)
  elseif method == 'window/showMessage'
    messages.Complain(message.params.message)
  elseif method == 'window/logMessage' || method == '$/logTrace'
    messages.Log(message.params.message)
  endif
enddef

# Vim itself sends no answer to a request whose id is a string.
def Answer(id: any, result: any)
  var body = json_encode({jsonrpc: '2.0', id: id, result: result})
  try
    ch_sendraw(job_getchannel(server), printf("Content-Length: %d\r\n\r\n%s", len(body), body))
  catch /:E631:/
    # as in Written, which takes no function that returns nothing
  endtry
enddef

def Reply(method: string): any
  return method == 'workspace/configuration' ? [options.Settings()] : v:null
enddef

def KeepProgress(params: dict<any>)
  var kind = params.value->get('kind', '')
  var token = string(params.token)
  if kind == 'begin'
    progress[token] = params.value.title
  elseif kind == 'end' && progress->has_key(token)
    progress->remove(token)
  endif
  redrawstatus!
enddef

def Logged(_: channel, line: string)
  last_words = line
  messages.Log(line)
enddef

def Ended(which: job, code: number)
  if which != server
    return
  endif
  documents.Forgotten()
  progress = {}
  if phase == 'failed' || phase == 'stopped'
    return
  endif
  messages.Log(printf('the server ended with code %d', code))
  if code == BAD_USAGE
    Fail(last_words->substitute('^foretype: ', '', ''))
    return
  elseif code == CANNOT_START
    Fail(printf('%s cannot be started; the Python that it was installed for may be gone: install it anew, then `:Foretype restart`',
      options.Program()[0]))
    return
  endif
  if localtime() - started_at >= STEADY_SECONDS
    delay = FIRST_DELAY
  endif
  phase = 'waiting'
  restarting = timer_start(delay, (_) => Start())
  delay = min([2 * delay, LONGEST_DELAY])
  redrawstatus!
enddef

def Fail(why: string)
  phase = 'failed'
  messages.Complain(why)
  if server != null_job && job_status(server) == 'run'
    job_stop(server)
  endif
  redrawstatus!
enddef
