--- Whether somebody types by hand: neither a macro nor a paste nor another program's edit.

local M = {}

---@class foretype.Glance what the text around the caret looked like
---@field tick integer
---@field row integer
---@field line string

---@type foretype.Glance?
local last
local by_hand = false

---@return foretype.Glance
local function glance()
  return {
    tick = vim.api.nvim_buf_get_changedtick(0),
    row = vim.api.nvim_win_get_cursor(0)[1],
    line = vim.api.nvim_get_current_line(),
  }
end

--- Note that a character was typed, or a word chosen from a menu.
function M.note()
  by_hand = true
end

--- Note where the caret stands, unless the text has changed and nobody has looked at it.
function M.look()
  local now = glance()
  if not last or last.tick == now.tick then
    last = now
  end
end

--- Forget what was seen before.
function M.begin()
  by_hand = false
  last = glance()
end

---@param before foretype.Glance
---@param now foretype.Glance
---@return boolean
local function is_key(before, now)
  if now.row == before.row then
    -- taken away, or a tab, which is not announced as other characters are
    return #now.line <= #before.line or vim.trim(now.line) == vim.trim(before.line)
  end
  local column = vim.api.nvim_win_get_cursor(0)[2]
  local is_new_line = now.row == before.row + 1 and vim.trim(now.line:sub(1, column)) == ''
  return is_new_line or now.row == before.row - 1
end

--- Tell whether the change that was just made came from somebody's keys.
---@return boolean
function M.was_by_hand()
  local before, now = last, glance()
  local answer = by_hand or before ~= nil and is_key(before, now)
  by_hand, last = false, now
  return answer
end

--- Tell whether suggestions would be out of place: they must change neither what a macro records nor what it does.
---@return boolean
function M.is_automatic()
  return vim.fn.reg_recording() ~= '' or vim.fn.reg_executing() ~= '' or vim.o.paste
end

return M
