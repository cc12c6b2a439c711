--- The place that a suggestion belongs to, and what was typed there since. Columns are bytes.

local M = {}

local MOST_LINES = 64

---@class foretype.Anchor
---@field bufnr integer
---@field row integer from 0
---@field before string the line left of the caret
---@field after string the line right of the caret

--- Return the place of the caret.
---@return foretype.Anchor
function M.here()
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local line = vim.api.nvim_get_current_line()
  return {
    bufnr = vim.api.nvim_get_current_buf(),
    row = row - 1,
    before = line:sub(1, column),
    after = line:sub(column + 1),
  }
end

--- Return what was typed between an anchor and the caret, nil if the caret is not where typing would have brought it.
---@param anchor foretype.Anchor
---@return string?
function M.typed_since(anchor)
  if vim.api.nvim_get_current_buf() ~= anchor.bufnr then
    return nil
  end
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  if row - 1 < anchor.row or row - 1 - anchor.row > MOST_LINES then
    return nil
  end
  local lines = vim.api.nvim_buf_get_lines(anchor.bufnr, anchor.row, row, false)
  local last = lines[#lines] or ''
  lines[#lines] = last:sub(1, column)
  local text = table.concat(lines, '\n')
  if last:sub(column + 1) ~= anchor.after or not vim.startswith(text, anchor.before) then
    return nil
  end
  return text:sub(#anchor.before + 1)
end

return M
