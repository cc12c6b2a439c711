--- The entry that is selected in Neovim's own completion menu, and what ghost text it allows.

local M = {}

---@type string? the entry's text, nil if none is selected
local selected

--- Note what the menu says; called on CompleteChanged.
function M.look()
  local item = vim.v.event.completed_item
  selected = item and item.word or nil
end

--- Note that the menu is gone.
function M.leave()
  selected = nil
end

--- Tell whether a suggestion and the selected entry go the same way.
---@param before string the line left of the caret
---@param text string
---@return boolean
function M.allows(before, text)
  if not selected then
    return true
  end
  for start = math.max(1, #before - #selected + 1), #before + 1 do
    local written = before:sub(start)
    if vim.startswith(selected, written) then
      return vim.startswith(text, selected:sub(#written + 1))
    end
  end
  return false
end

return M
