--- The keys. Each does what it did before wherever there is no suggestion.

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

---@param keys string
---@param mode string
local function feed(keys, mode)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, true, true), mode, false)
end

---@param previous table
---@return any
local function result_of(previous)
  if previous.callback then
    return previous.callback()
  end
  local rhs = previous.rhs:gsub('<SID>', ('<SNR>%d_'):format(previous.sid))
  return previous.expr == 1 and vim.api.nvim_eval(rhs) or rhs
end

--- Do what a key did before it was ours.
---@param key foretype.Key
local function fall_back(key)
  local previous = key.previous
  if vim.tbl_isempty(previous) then
    return feed(key.lhs, 'in')
  end
  local result = result_of(previous)
  local is_keys = not previous.callback or previous.expr == 1
  if is_keys and type(result) == 'string' and result ~= '' then
    local mode = previous.noremap == 1 and 'in' or 'im'
    local is_raw = previous.expr == 1 and previous.replace_keycodes ~= 1
    if is_raw then
      vim.api.nvim_feedkeys(result, mode, false)
    else
      feed(result, mode)
    end
  end
end

---@param action foretype.Action
---@param lhs string
local function take(action, lhs)
  local key = { lhs = lhs, previous = vim.fn.maparg(lhs, 'i', false, true) }
  if key.previous.buffer == 1 then
    key.previous = {} -- it stays in force, above ours
  end
  table.insert(taken, key)
  vim.keymap.set('i', lhs, function()
    if not require('foretype')[action]() then
      fall_back(key)
    end
  end, { desc = 'Foretype: ' .. MEANINGS[action] })
end

--- Give all keys back.
function M.clear()
  for _, key in ipairs(taken) do
    pcall(vim.keymap.del, 'i', key.lhs)
    if not vim.tbl_isempty(key.previous) then
      vim.fn.mapset('i', false, key.previous)
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
