vim9script
# The keys of Insert mode. Each does what it did before where there is no ghost text.

import autoload './ghost.vim'
import autoload './options.vim'
import autoload './suggestions.vim'

# What is being put in, between the key and its insertion.
var taken = ''

# Map the user's keys to their actions.
export def Map()
  # one step of undo, and neither indentation nor line breaks of Vim's own making
  inoremap <silent> <Plug>(foretype-insert) <C-G>u<C-R><C-O>=foretype#mappings#Taken()<CR><C-G>u
  inoremap <silent> <Plug>(foretype-hide) <Cmd>call foretype#suggestions#Withdraw()<CR>
  inoremap <silent> <Plug>(foretype-next) <Cmd>call foretype#suggestions#Choose(1)<CR>
  inoremap <silent> <Plug>(foretype-previous) <Cmd>call foretype#suggestions#Choose(-1)<CR>
  for [action, key] in options.Keys()->items()
    var plug = '<Plug>(foretype-' .. action .. ')'
    if index(['next', 'previous'], action) < 0
      KeepFormer(action, key)
      execute printf("imap <silent> <expr> %s foretype#mappings#Pressed('%s')", plug, action)
    endif
    if key != ''
      execute 'imap <silent>' key plug
    endif
  endfor
enddef

# Return what a key does now.
export def Pressed(action: string): string
  if !ghost.IsAtCaret()
    return "\<Plug>(foretype-former-" .. action .. ')'
  elseif action == 'dismiss'
    return "\<Plug>(foretype-hide)"
  endif
  taken = ghost.Part(action)
  return "\<Plug>(foretype-insert)"
enddef

# Return what was accepted.
export def Taken(): string
  return taken
enddef

# Give what a key did before a name of its own.
def KeepFormer(action: string, key: string)
  var plug = '<Plug>(foretype-former-' .. action .. ')'
  var former = key == '' ? {} : maparg(key, 'i', false, true)
  if former->empty() || former.buffer
    execute 'inoremap' plug (key == '' ? '<Nop>' : key)
  elseif former.rhs !~ 'foretype-'
    var raw = "\<Plug>(foretype-former-" .. action .. ')'
    former->filter((name, _) => name != 'lhsrawalt')
    mapset('i', false, former->extend({lhs: plug, lhsraw: raw}))
  endif
enddef
