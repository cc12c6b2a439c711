vim9script
# The ghost text: where it is shown, how it follows what is typed, and what of it is accepted.
# Knows nothing of the server.

const TYPE = 'foretype-ghost'

# {buffer, line, left, right, texts, index}: the line left and right of the caret, and what may stand between.
var shown: dict<any> = {}

# Give the ghost text its look, unless the user or the colour scheme has.
export def DefineColours()
  highlight default ForetypeGhost ctermfg=243 guifg=#7f848e
  if prop_type_get(TYPE)->empty()
    prop_type_add(TYPE, {highlight: 'ForetypeGhost', combine: false})
  endif
enddef

# Show one of these texts behind the caret.
export def Show(texts: list<string>, index: number)
  if !shown->empty() && IsAtCaret() && texts[index] ==# shown.texts[shown.index] && len(texts) == len(shown.texts)
    return
  endif
  Hide()
  var here = getline('.')
  var column = col('.') - 1
  shown = {
    buffer: bufnr(),
    line: line('.'),
    left: strpart(here, 0, column),
    right: strpart(here, column),
    texts: texts,
    index: index,
  }
  Draw()
  if exists('#User#ForetypeShown')
    doautocmd <nomodeline> User ForetypeShown
  endif
enddef

# Show nothing any more.
export def Hide()
  if !shown->empty()
    Erase()
    shown = {}
  endif
enddef

# Return what is shown, or an empty string.
export def Text(): string
  return shown->empty() ? '' : shown.texts[shown.index]
enddef

# Return how many texts there are to choose from.
export def Count(): number
  return shown->empty() ? 0 : len(shown.texts)
enddef

# Show another of the texts.
export def Choose(step: number)
  Erase()
  shown.index = Cycled(shown.index + step, len(shown.texts))
  Draw()
enddef

# Return an index that lies in a list of this length, counted round.
export def Cycled(index: number, length: number): number
  return (index % length + length) % length
enddef

# Keep what is left of the ghost text if the text has grown along it; otherwise show nothing.
export def Follow()
  if shown->empty()
    return
  endif
  var left = strpart(getline('.'), 0, col('.') - 1)
  var typed = Typed(left)
  var text = Text()
  if typed == text || strpart(text, 0, len(typed)) !=# typed
    Hide()
    return
  endif
  Erase()
  shown.line = line('.')
  shown.left = left
  shown.texts = [strpart(text, len(typed))]
  shown.index = 0
  Draw()
enddef

# Return the part of the ghost text that an action takes: 'accept' all, 'word' the next word, 'line' the rest of a line.
export def Part(action: string): string
  if action == 'word'
    return Text()->matchstr('^\_s*\%(\k\+\|[^[:keyword:][:space:]]\+\|$\)')
  elseif action == 'line'
    return Text()->matchstr('^\n\=[^\n]*')
  endif
  return Text()
enddef

# Tell whether the ghost text stands at the caret, so that a key may accept it.
export def IsAtCaret(): bool
  if shown->empty() || shown.buffer != bufnr() || shown.line != line('.')
    return false
  endif
  return getline('.') ==# shown.left .. shown.right && col('.') - 1 == len(shown.left)
enddef

# Return what was put between the place of the ghost text and the caret, or a text that no ghost text begins with.
def Typed(left: string): string
  const other = "\r"
  var here = line('.')
  if shown.buffer != bufnr() || here < shown.line || strpart(getline('.'), len(left)) !=# shown.right
    return other
  endif
  var before = (getline(shown.line, here - 1) + [left])->join("\n")
  return strpart(before, 0, len(shown.left)) ==# shown.left ? strpart(before, len(shown.left)) : other
enddef

def Draw()
  var [first; further] = Text()->split("\n", true)
  if first != ''
    Add(len(shown.left) + 1, first, {})
  endif
  for text in further
    Add(0, text == '' ? ' ' : text, {text_align: 'below'})
  endfor
  if len(shown.texts) > 1
    Add(len(shown.left) + 1, printf('  %d/%d', shown.index + 1, len(shown.texts)), {})
  endif
enddef

def Add(column: number, text: string, how: dict<any>)
  # Vim shows a tab in such a text as ^I
  var spaces = text->substitute('\t', repeat(' ', shiftwidth()), 'g')
  prop_add(shown.line, column, {type: TYPE, text: spaces, bufnr: shown.buffer}->extend(how))
enddef

def Erase()
  if bufloaded(shown.buffer)
    prop_remove({type: TYPE, bufnr: shown.buffer, all: true})
  endif
enddef
