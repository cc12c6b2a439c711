vim9script
# The keys of Insert mode. Each does what it did before where there is no ghost text.

import autoload './ghost.vim'
import autoload './options.vim'
import autoload './suggestions.vim'

# What is being put in, between the key and its insertion.
var taken = ''
# Action -> its key as Vim has it in a mapping, where what the key did before may be mapped on.
var guarded: dict<string> = {}

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

# Return the keys that a former mapping stands for, with the key itself in place of one that its own mapping begins with.
# Vim maps no such key again; under another name it would, round in circles.
export def Guarded(action: string, keys: string): string
  var raw = guarded[action]
  return strpart(keys, 0, len(raw)) ==# raw ? "\<Plug>(foretype-key-" .. action .. ')' .. strpart(keys, len(raw)) : keys
enddef

# Give what a key did before a name of its own.
def KeepFormer(action: string, key: string)
  var plug = '<Plug>(foretype-former-' .. action .. ')'
  var former = key == '' ? {} : Former(key)
  if former->empty()
    execute 'inoremap' plug (key == '' ? '<Nop>' : key)
  elseif former.rhs !~ 'foretype-'
    if !former.noremap
      execute printf('inoremap <Plug>(foretype-key-%s) %s', action, key)
      guarded[action] = former->get('lhsrawalt', former.lhsraw)
      var keys = former.expr ? former.rhs : string(former.rhs)
      former->extend({rhs: printf("foretype#mappings#Guarded('%s', %s)", action, keys), expr: 1})
    endif
    var raw = "\<Plug>(foretype-former-" .. action .. ')'
    former->filter((name, _) => name != 'lhsrawalt')
    mapset('i', false, former->extend({lhs: plug, lhsraw: raw}))
  endif
enddef

# Return the mapping that a key has wherever a buffer has none of its own; an empty dictionary if there is none.
def Former(key: string): dict<any>
  var found: dict<any> = maparg(key, 'i', false, true)
  if !found->get('buffer', 0)
    return found
  endif
  return maplist()->filter((_, one) => !one.buffer && one.mode =~ '[i!]' && one.lhsraw ==# found.lhsraw)->get(0, {})
enddef
