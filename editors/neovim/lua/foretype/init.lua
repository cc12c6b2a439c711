--- What users call. Nothing is loaded before it is needed.

local M = {}

local started = false

---@return table
local function display()
  return require('foretype.' .. require('foretype.options').get().display)
end

---@param problems string[]
local function tell(problems)
  for _, problem in ipairs(problems) do
    vim.notify('foretype: ' .. problem, vim.log.levels.ERROR)
  end
end

--- Set options; those left out have their defaults. Needs not be called at all.
---@param given? table see |foretype-options|
function M.setup(given)
  local before = require('foretype.options').get().display
  tell(require('foretype.options').set(given or {}))
  if started then
    require('foretype.keymaps').set()
    require('foretype.attachment').switch(before)
    require('foretype.server').push_settings()
  end
end

--- Begin to serve this Neovim; the plugin does it by itself.
function M.start()
  if started then
    return
  end
  started = true
  require('foretype.attachment').start()
  require('foretype.keymaps').set()
end

--- Change settings of the server, live.
---@param settings table<string, any> such as { eagerness = 0.8 }
function M.configure(settings)
  require('foretype.server').configure(settings)
end

--- Tell whether a suggestion can be seen.
---@return boolean
function M.is_visible()
  return display().is_visible()
end

--- Accept the suggestion.
---@return boolean whether there was one; the same for the functions below
function M.accept()
  return display().accept('all')
end

--- Accept the next word of the suggestion.
---@return boolean
function M.accept_word()
  return display().accept('word')
end

--- Accept the next line of the suggestion.
---@return boolean
function M.accept_line()
  return display().accept('line')
end

--- Hide the suggestion until the next key.
---@return boolean
function M.dismiss()
  return display().dismiss()
end

--- Show the next candidate.
---@return boolean
function M.next()
  return display().cycle(1)
end

--- Show the previous candidate.
---@return boolean
function M.previous()
  return display().cycle(-1)
end

--- Ask for suggestions, several of them, as with the setting `manual`.
---@return boolean whether there is a server to ask
function M.invoke()
  return display().invoke()
end

--- Make no suggestions.
---@param scope? 'all'|'buffer'|'language'
---@param language? string the current buffer's, if left out
function M.pause(scope, language)
  require('foretype.pause').set(scope or 'all', true, language)
end

--- Make suggestions again.
---@param scope? 'all'|'buffer'|'language'
---@param language? string
function M.resume(scope, language)
  require('foretype.pause').set(scope or 'all', false, language)
end

--- Pause or resume.
---@param scope? 'all'|'buffer'|'language'
---@param language? string
function M.toggle(scope, language)
  require('foretype.pause').toggle(scope or 'all', language)
end

--- Return one or a few words for a statusline.
---@return string
function M.statusline()
  return require('foretype.statusline').text()
end

return M
