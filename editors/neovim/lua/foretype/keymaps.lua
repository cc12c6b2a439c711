--- The keys. Each does what it did before wherever there is no suggestion.

local former = require('foretype.former')
local options = require('foretype.options')

local M = {}

---@class foretype.Key
---@field lhs string
---@field previous table what `maparg()` said of it before

---@type foretype.Key[]
local taken = {}

---@type table<foretype.Action, string>
local MEANINGS = {
  accept = 'accept the suggestion',
  accept_word = 'accept a word of the suggestion',
  accept_line = 'accept a line of the suggestion',
  dismiss = 'dismiss the suggestion',
  next = 'next suggestion',
  previous = 'previous suggestion',
  invoke = 'ask for suggestions',
}

--- Tell whether a mapping is one of these.
---@param mapping table
---@return boolean
function M.is_ours(mapping)
  return vim.startswith(mapping.desc or '', 'Foretype: ')
end

---@param action foretype.Action
---@param lhs string
local function take(action, lhs)
  table.insert(taken, { lhs = lhs, previous = former.mapping(lhs) })
  local kept = vim.api.nvim_replace_termcodes(former.keep(lhs), true, true, true)
  vim.keymap.set('i', lhs, function()
    if not require('foretype')[action]() then
      vim.api.nvim_feedkeys(kept, 'im', false)
    end
  end, { desc = 'Foretype: ' .. MEANINGS[action] })
end

--- Give all keys back that nobody else has taken since.
function M.clear()
  for _, key in ipairs(taken) do
    if M.is_ours(former.mapping(key.lhs)) then
      vim.keymap.del('i', key.lhs)
      if not vim.tbl_isempty(key.previous) then
        vim.fn.mapset('i', false, key.previous)
      end
    end
  end
  taken = {}
end

--- Take the keys that the options name.
function M.set()
  M.clear()
  local chosen = options.get().keymaps
  if not chosen then
    return
  end
  for action in pairs(MEANINGS) do
    local lhs = chosen[action]
    if lhs then
      take(action, lhs)
    end
  end
end

return M
