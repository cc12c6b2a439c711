vim9script
# When a suggestion is asked for, and which answer is shown. There is no waiting for a pause in typing: the server has
# looked for the answer before it is asked for.

import autoload './client.vim'
import autoload './documents.vim'
import autoload './ghost.vim'

const INVOKED = 1
const AUTOMATIC = 2

var paused = false
# The request whose answer is awaited; answers to older ones come empty.
var awaited = 0
# The state of the text that was last looked at.
var seen = -1

# Tell whether suggestions come only when they are asked for by hand.
export def IsPaused(): bool
  return paused
enddef

# Come with suggestions unasked, or not.
export def Pause(pause: bool)
  paused = pause
  Withdraw()
  redrawstatus!
enddef

# Look at the place where typing begins.
export def Entered()
  # Insert mode begins after this event
  timer_start(0, (_) => {
    if mode() =~ '^[iR]'
      if !documents.IsOpen(bufnr())
        documents.Open(bufnr())
      endif
      LookAt()
      Ask(AUTOMATIC, 0)
    endif
  })
enddef

# Keep the ghost text if it was typed along, and ask for what follows now.
export def TextChanged()
  LookAt()
  ghost.Follow()
  Ask(AUTOMATIC, 0)
enddef

# Take the ghost text away if the caret went elsewhere without typing.
export def CaretMoved()
  # typing moves the caret, too, and TextChanged is next
  if b:changedtick == seen
    LookAt()
    Withdraw()
  endif
enddef

# Take the ghost text away: Insert mode ends.
export def Left()
  Withdraw()
enddef

# Show nothing, and nothing that is still to come.
export def Withdraw()
  awaited = 0
  ghost.Hide()
enddef

# Show the next or previous candidate, asking for more than one if there is but one.
export def Choose(step: number)
  if ghost.Count() > 1
    ghost.Choose(step)
  else
    LookAt()
    Ask(INVOKED, ghost.Count() == 0 ? 0 : step)
  endif
enddef

def LookAt()
  seen = b:changedtick
  if documents.IsOpen(bufnr())
    documents.Synchronise(bufnr())
  endif
enddef

def Ask(kind: number, step: number)
  var buffer = bufnr()
  if !client.IsReady() || !documents.IsOpen(buffer) || IsAutomatic() || (kind == AUTOMATIC && (paused || IsEntrySelected()))
    Withdraw()
    return
  endif
  var place = {line: line('.') - 1, character: col('.') - 1}
  awaited = client.Request('textDocument/inlineCompletion', {
    textDocument: documents.Identifier(buffer),
    position: place,
    context: {triggerKind: kind},
    formattingOptions: {tabSize: shiftwidth(), insertSpaces: &expandtab ? true : false},
  }, (response) => Answered(response, place, step))
enddef

# Tell whether ghost text would be out of place: a macro must do the same with it and without it.
def IsAutomatic(): bool
  return reg_recording() != '' || reg_executing() != '' || &paste
enddef

# Tell whether the text at the caret is only an entry of the completion menu being tried.
def IsEntrySelected(): bool
  return pumvisible() && complete_info(['selected']).selected >= 0
enddef

def Answered(response: dict<any>, place: dict<number>, step: number)
  if response->get('id', -1) != awaited || mode() !~ '^[iR]'
    return
  endif
  awaited = 0
  var result: any = response->get('result', null)
  var items: list<dict<any>> = type(result) == v:t_dict ? result.items : []
  var texts = items->mapnew((_, item) => Rest(item, place))->filter((_, text) => text != '')
  if texts->empty()
    ghost.Hide()
  else
    ghost.Show(texts, ghost.Cycled(step, len(texts)))
  endif
enddef

# Return what an item puts behind the caret; an empty string if it wants to change what stands there.
def Rest(item: dict<any>, place: dict<number>): string
  var text: string = item.insertText
  if !item->has_key('range')
    return text
  elseif item.range.end != place || item.range.start.line != place.line
    return ''
  endif
  var start: number = item.range.start.character
  var standing = strpart(getline('.'), start, place.character - start)
  return strpart(text, 0, len(standing)) ==# standing ? strpart(text, len(standing)) : ''
enddef
