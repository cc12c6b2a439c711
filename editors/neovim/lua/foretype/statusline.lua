--- One or a few words of how things stand, for a statusline.

local M = {}

---@type table<string|integer, string> what the server is doing, by token
local doing = {}

--- Note what the server reports of its work; called on LspProgress.
---@param event table
function M.note(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  if not client or client.name ~= require('foretype.server').NAME then
    return
  end
  local token, value = event.data.params.token, event.data.params.value
  if type(value) ~= 'table' then
    return
  elseif value.kind == 'end' then
    doing[token] = nil
  elseif value.kind == 'begin' then
    doing[token] = (value.title:gsub('^Foretype ', ''))
  end
  vim.cmd.redrawstatus()
end

--- Return how things stand.
---@return string? what keeps the current buffer without suggestions, nil if nothing does
function M.state()
  local server = require('foretype.server')
  local progress = require('foretype.training').progress()
  if progress then
    return progress
  elseif server.gave_up() then
    return 'stopped'
  elseif not server.client() then
    return require('foretype.process').is_there() and 'starting' or 'not installed'
  elseif require('foretype.pause').is_silent() then
    return 'paused'
  end
  local _, work = next(doing)
  return work
end

--- Return the text; empty where nothing is suggested, such as in a terminal.
---@return string
function M.text()
  if not require('foretype.server').is_eligible(vim.api.nvim_get_current_buf()) then
    return ''
  end
  local now = M.state()
  return now and 'foretype: ' .. now or 'foretype'
end

return M
