--- The command `:Foretype` and its completion.

local M = {}

local SCOPES = { 'all', 'buffer', 'language' }

---@class foretype.Subcommand
---@field run fun(arguments: string[])
---@field complete? string[]

---@param verb 'pause'|'resume'|'toggle'
---@return foretype.Subcommand
local function switch(verb)
  return {
    complete = SCOPES,
    run = function(arguments)
      local scope, language = unpack(arguments)
      if scope and not vim.list_contains(SCOPES, scope) then
        local known = table.concat(SCOPES, ', ')
        vim.notify(
          ('foretype: %s takes one of %s, got %s'):format(verb, known, scope),
          vim.log.levels.ERROR
        )
        return
      end
      require('foretype')[verb](scope, language)
      vim.notify(require('foretype').statusline())
    end,
  }
end

---@type table<string, foretype.Subcommand>
local subcommands = {
  pause = switch('pause'),
  resume = switch('resume'),
  toggle = switch('toggle'),
  status = {
    run = function()
      require('foretype.report').status()
    end,
  },
  stats = {
    complete = { 'page', 'table' },
    run = function(arguments)
      require('foretype.report')[arguments[1] == 'table' and 'stats_table' or 'stats']()
    end,
  },
  log = {
    run = function()
      require('foretype.report').log()
    end,
  },
  doctor = {
    run = function()
      require('foretype.report').doctor()
    end,
  },
  restart = {
    run = function()
      require('foretype.server').restart()
    end,
  },
  train = {
    complete = { 'cancel', '--minutes', '--resume', '--from' },
    run = function(arguments)
      if arguments[1] ~= 'cancel' then
        require('foretype.training').start(arguments)
      elseif not require('foretype.training').cancel() then
        vim.notify('foretype: nothing is being learnt', vim.log.levels.WARN)
      end
    end,
  },
}

--- Run a subcommand, `status` if none is given.
---@param arguments string[]
function M.run(arguments)
  local name = arguments[1] or 'status'
  local subcommand = subcommands[name]
  if not subcommand then
    local known = table.concat(vim.fn.sort(vim.tbl_keys(subcommands)), ', ')
    vim.notify(('foretype: no command %s; there are %s'):format(name, known), vim.log.levels.ERROR)
    return
  end
  subcommand.run(vim.list_slice(arguments, 2))
end

--- Return what could stand at the end of a command line.
---@param line string
---@return string[]
function M.complete(line)
  local rest = line:gsub('^.-Foretype%s+', '')
  local words = vim.split(rest, '%s+')
  local last = words[#words]
  local subcommand = subcommands[words[1]]
  local candidates = #words == 1 and vim.tbl_keys(subcommands)
    or subcommand and subcommand.complete
    or {}
  local fitting = vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, last)
  end, candidates)
  table.sort(fitting)
  return fitting
end

return M
