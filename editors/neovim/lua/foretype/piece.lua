--- Parts of a suggestion that can be accepted on their own.

local M = {}

local WORD = [=[\v^\_s*(\k+|[^[:keyword:][:space:]]+|$)]=]

---@alias foretype.Piece 'all'|'word'|'line'

---@param text string
---@return string
local function first_word(text)
  local length = vim.fn.matchend(text, WORD)
  return length > 0 and text:sub(1, length) or text
end

--- Return the first line; a line end that the text begins with is taken along.
---@param text string
---@return string
local function first_line(text)
  local stop = text:find('\n', 2, true)
  return stop and text:sub(1, stop - 1) or text
end

--- Return the part of a text that is to be accepted.
---@param text string
---@param piece foretype.Piece
---@return string
function M.of(text, piece)
  if piece == 'word' then
    return first_word(text)
  end
  return piece == 'line' and first_line(text) or text
end

return M
