--- Text put in at the caret as if typed at once: one undo step, repeated by a dot, never indented or wrapped.

local M = {}

local pending = ''

--- Put `text` in as soon as Neovim is ready for it; in Insert mode only.
---@param text string
function M.insert(text)
  pending = text
  -- <C-g>u ends an undo step; pasting keeps the text from being reformatted and knows how to be repeated
  local keys = "<C-g>u<Cmd>lua require('foretype.insertion').paste()<CR><C-g>u"
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, false, true), 'in', false)
end

--- Put in the text that waits.
function M.paste()
  local text = pending
  pending = ''
  vim.api.nvim_paste(text, false, -1)
end

return M
