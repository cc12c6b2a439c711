--- Silence on request: everywhere, in a language, or in one buffer.

local server = require('foretype.server')

local M = {}

---@alias foretype.Scope 'all'|'buffer'|'language'

---@param language? string
---@return string
local function named(language)
  return language or vim.bo.filetype
end

--- Tell whether a buffer is paused by its variable; in Vim script that may well be a number.
---@param bufnr integer
---@return boolean
function M.is_buffer_paused(bufnr)
  local value = vim.b[bufnr].foretype_paused
  return value ~= nil and value ~= false and value ~= 0
end

--- Tell whether a scope is paused by itself.
---@param scope foretype.Scope
---@param language? string
---@return boolean
function M.is_set(scope, language)
  if scope == 'buffer' then
    return M.is_buffer_paused(vim.api.nvim_get_current_buf())
  elseif scope == 'language' then
    return vim.list_contains(server.settings().disabledLanguages or {}, named(language))
  end
  return server.settings().enabled == false
end

--- Tell whether anything keeps the current buffer without suggestions.
---@return boolean
function M.is_silent()
  return M.is_set('all') or M.is_set('language') or M.is_set('buffer')
end

---@param language string
---@param paused boolean
local function set_language(language, paused)
  local others = vim.tbl_filter(function(one)
    return one ~= language
  end, server.settings().disabledLanguages or {})
  if paused then
    table.insert(others, language)
  end
  server.configure({ disabledLanguages = others })
end

--- Pause or resume a scope.
---@param scope foretype.Scope
---@param paused boolean
---@param language? string
function M.set(scope, paused, language)
  if scope == 'buffer' then
    vim.b.foretype_paused = paused or nil
  elseif scope == 'language' then
    set_language(named(language), paused)
  else
    server.configure({ enabled = not paused })
  end
  require('foretype.attachment').refresh(vim.api.nvim_get_current_buf())
  vim.cmd.redrawstatus()
end

--- Pause or resume a scope, whichever it is not.
---@param scope foretype.Scope
---@param language? string
function M.toggle(scope, language)
  M.set(scope, not M.is_set(scope, language), language)
end

return M
