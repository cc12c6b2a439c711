vim9script
# Buffers as the server knows them, kept the same edit by edit.
# A document is a buffer's lines with a newline after each; columns are bytes on both sides.

import autoload './client.vim'
import autoload './options.vim'

# Buffer number -> {uri, version, language, lines, caret_line, caret_text, listener}
var open: dict<dict<any>> = {}

# Let the server know a buffer, starting the server with the first one; buffers that hold no file are passed over.
export def Open(buffer: number)
  if !IsFile(buffer)
    return
  endif
  if client.Phase() == 'stopped' && options.Autostart() && v:vim_did_enter
    client.Start()
  endif
  var known = open->get(string(buffer), {})
  if known->empty()
    Announce(buffer)
  elseif known.uri != Uri(buffer) || known.language != Language(buffer)
    Close(buffer)
    Announce(buffer)
  else
    # it was read anew, which listeners are not told
    SendWhole(buffer, known)
  endif
enddef

# Let the server know all buffers there are.
export def OpenAll()
  for buffer in getbufinfo({bufloaded: 1})
    Open(buffer.bufnr)
  endfor
enddef

# Let the server forget a buffer.
export def Close(buffer: number)
  if IsOpen(buffer)
    var document = open->remove(string(buffer))
    listener_remove(document.listener)
    client.Notify('textDocument/didClose', {textDocument: {uri: document.uri}})
  endif
enddef

# Know that the server is gone, and with it what it knew.
export def Forgotten()
  for document in open->values()
    listener_remove(document.listener)
  endfor
  open = {}
enddef

# Tell whether the server knows a buffer.
export def IsOpen(buffer: number): bool
  return open->has_key(string(buffer))
enddef

# Tell the server of all edits so far, and note the line in which the next one will likely be.
export def Synchronise(buffer: number)
  listener_flush(buffer)
  Note(buffer)
enddef

# Tell the server that a file was written.
export def Saved(buffer: number)
  if IsOpen(buffer)
    listener_flush(buffer)
    client.Notify('textDocument/didSave', {textDocument: {uri: open[buffer].uri}})
  endif
enddef

# Return the name that the server knows a buffer by, with its version.
export def Identifier(buffer: number): dict<any>
  return {uri: open[buffer].uri, version: open[buffer].version}
enddef

def IsFile(buffer: number): bool
  return bufloaded(buffer) && getbufvar(buffer, '&buftype') == '' && !getbufvar(buffer, '&binary')
enddef

def Announce(buffer: number)
  if !client.IsReady()
    return
  endif
  var document = {
    uri: Uri(buffer),
    version: 1,
    language: Language(buffer),
    lines: LineCount(buffer),
    caret_line: 0,
    caret_text: '',
    listener: listener_add(Changed, buffer),
  }
  open[buffer] = document
  client.Notify('textDocument/didOpen', {textDocument: {
    uri: document.uri,
    languageId: document.language,
    version: document.version,
    text: WholeText(buffer),
  }})
  Note(buffer)
enddef

def SendWhole(buffer: number, document: dict<any>)
  listener_flush(buffer)
  document.lines = LineCount(buffer)
  SendChange(document, {text: WholeText(buffer)})
  Note(buffer)
enddef

def SendChange(document: dict<any>, change: dict<any>)
  document.version += 1
  client.Notify('textDocument/didChange', {
    textDocument: {uri: document.uri, version: document.version},
    contentChanges: [change],
  })
enddef

def Changed(buffer: number, _: number, _: number, _: number, changes: list<dict<number>>)
  if !IsOpen(buffer)
    return
  endif
  var document = open[buffer]
  var [first, old_end, new_end] = Merged(changes)
  document.lines += new_end - old_end
  if document.lines != LineCount(buffer)
    # Vim tells of an edit when the next one has already begun: what is there now is sent whole
    document.lines = LineCount(buffer)
    SendChange(document, {text: WholeText(buffer)})
  else
    SendChange(document, Change(buffer, document, first, old_end, new_end))
  endif
  Note(buffer)
enddef

# Return the lines [first, old_end) that several edits together replaced, and where those end now.
def Merged(changes: list<dict<number>>): list<number>
  var [first, old_end, new_end] = [changes[0].lnum, changes[0].end, changes[0].end]
  for change in changes
    first = min([first, change.lnum])
    var beyond = max([0, change.end - new_end])
    old_end += beyond
    new_end += beyond + change.added
  endfor
  return [first, old_end, new_end]
enddef

# Return the edit in LSP's terms. The server takes its end for the caret and looks there for a suggestion in advance, so
# it says as little as possible: what was typed, and not the whole line.
def Change(buffer: number, document: dict<any>, first: number, old_end: number, new_end: number): dict<any>
  var now = Lines(buffer, first, new_end - 1)
  if first == document.caret_line && old_end == first + 1 && !now->empty()
    return Difference(first - 1, document.caret_text, now->join("\n"))
  elseif first == old_end && first > 1
    var end = {line: first - 2, character: len(Lines(buffer, first - 1, first - 1)[0])}
    return Replace(end, end, "\n" .. now->join("\n"))
  endif
  var text = now->empty() ? '' : now->join("\n") .. "\n"
  return Replace({line: first - 1, character: 0}, {line: old_end - 1, character: 0}, text)
enddef

# Return the smallest edit that makes one line into another text.
def Difference(line: number, old: string, new: string): dict<any>
  var shorter = min([len(old), len(new)])
  var same = CommonStart(old, new, shorter)
  var right = CommonEnd(old, new, shorter - same)
  return Replace(
    {line: line, character: same},
    {line: line, character: len(old) - right},
    strpart(new, same, len(new) - right - same),
  )
enddef

def CommonStart(one: string, other: string, most: number): number
  var same = Longest(most, (length) => strpart(one, 0, length) ==# strpart(other, 0, length))
  return same - CutInto(one, same)
enddef

def CommonEnd(one: string, other: string, most: number): number
  var same = Longest(most, (length) => strpart(one, len(one) - length) ==# strpart(other, len(other) - length))
  while same > 0 && (IsInside(one, len(one) - same) || IsInside(other, len(other) - same))
    same -= 1
  endwhile
  return same
enddef

# Return the largest length up to `most` that fits, if all smaller ones fit as well.
def Longest(most: number, Fits: func(number): bool): number
  var [low, high] = [0, most]
  while low < high
    var middle = (low + high + 1) / 2
    if Fits(middle)
      low = middle
    else
      high = middle - 1
    endif
  endwhile
  return low
enddef

# Return how many bytes before an index belong to a character that goes on behind it.
def CutInto(text: string, index: number): number
  var cut = 0
  while IsInside(text, index - cut)
    cut += 1
  endwhile
  return cut
enddef

def IsInside(text: string, index: number): bool
  return index > 0 && index < len(text) && and(char2nr(strpart(text, index, 1)), 0xC0) == 0x80
enddef

def Replace(start: dict<number>, end: dict<number>, text: string): dict<any>
  return {range: {start: start, end: end}, text: text}
enddef

# Note the line of the caret as the server has it.
def Note(buffer: number)
  if buffer == bufnr() && IsOpen(buffer)
    open[buffer].caret_line = line('.')
    open[buffer].caret_text = Lines(buffer, line('.'), line('.'))[0]
  endif
enddef

def LineCount(buffer: number): number
  return getbufinfo(buffer)[0].linecount
enddef

def WholeText(buffer: number): string
  return Lines(buffer, 1, LineCount(buffer))->join("\n") .. "\n"
enddef

# Return lines as they are told: a null byte, which Vim hands out as a newline, would be a line end.
def Lines(buffer: number, first: number, last: number): list<string>
  if last < first
    return []
  endif
  return getbufline(buffer, first, last)->map((_, line) => stridx(line, "\n") < 0 ? line : line->tr("\n", ' '))
enddef

def Language(buffer: number): string
  var filetype: string = getbufvar(buffer, '&filetype')
  return filetype == '' ? 'text' : filetype
enddef

def Uri(buffer: number): string
  var path = fnamemodify(bufname(buffer), ':p')
  if bufname(buffer) == ''
    return 'untitled:Untitled-' .. buffer
  elseif path =~ '^\a\+://'
    return path
  endif
  var slashes = path->tr('\', '/')
  return 'file://' .. (slashes =~ '^/' ? '' : '/') .. Escape(has('win32') ? slashes : path)
enddef

def Escape(path: string): string
  return path->substitute('[^A-Za-z0-9_.~/-]', (found) => EscapeBytes(found[0]), 'g')
enddef

def EscapeBytes(character: string): string
  return range(len(character))->mapnew((_, index) => printf('%%%02X', char2nr(strpart(character, index, 1))))->join('')
enddef
