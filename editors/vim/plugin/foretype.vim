if has('nvim') || !has('patch-9.0.0185') || !has('channel') || !has('job') || !has('textprop')
  " Neovim has a plugin of its own; an older Vim cannot show ghost text
  finish
endif
vim9script
# Ghost text from the language server `foretype`, which runs on this machine alone. See doc/foretype.txt.

if exists('g:loaded_foretype')
  finish
endif
g:loaded_foretype = true

import autoload 'foretype.vim'
import autoload 'foretype/client.vim'
import autoload 'foretype/documents.vim'
import autoload 'foretype/ghost.vim'
import autoload 'foretype/suggestions.vim'

command -nargs=* -complete=custom,foretype#Complete Foretype foretype.Command([<f-args>])

augroup foretype
  autocmd!
  autocmd VimEnter * ++once foretype.Begin()
  autocmd BufReadPost,BufNewFile,FileType,BufFilePost * documents.Open(str2nr(expand('<abuf>')))
  autocmd BufWritePost * documents.Saved(str2nr(expand('<abuf>')))
  autocmd BufUnload * documents.Close(str2nr(expand('<abuf>')))
  autocmd InsertEnter * suggestions.Entered()
  autocmd TextChangedI,TextChangedP * suggestions.TextChanged()
  autocmd CursorMovedI * suggestions.CaretMoved()
  autocmd InsertLeave,BufLeave * suggestions.Left()
  autocmd ColorScheme * ghost.DefineColours()
  autocmd VimLeavePre * client.Leave()
augroup END

if v:vim_did_enter
  foretype.Begin()
endif
