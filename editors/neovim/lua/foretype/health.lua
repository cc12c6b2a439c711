--- `:checkhealth foretype`: is everything there, and what to do if not.

local M = {}

local PATIENCE_MS = 3000

local function check_neovim()
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.10') == 0 then
    vim.health.error('Neovim ' .. version .. ' is too old', 'Install 0.10 or newer')
  else
    local display = require('foretype.options').get().display
    vim.health.ok(('Neovim %s, display = %q'):format(version, display))
  end
end

---@return boolean
local function check_program()
  local process = require('foretype.process')
  if not process.is_there() then
    vim.health.error('the program foretype was not found', process.advice())
    return false
  end
  local started, job = pcall(vim.system, process.command('--version'), { text = true })
  if not started then
    vim.health.error('the program foretype cannot be started: ' .. job, process.remedy())
    return false
  end
  local result = job:wait(PATIENCE_MS * 10)
  local program = table.concat(process.command(), ' ')
  if result.code ~= 0 then
    local said = vim.trim(result.stderr or '')
    vim.health.error(program .. ' does not work: ' .. said, 'Run `foretype doctor` in a terminal')
    return false
  end
  vim.health.ok(('%s (%s)'):format(vim.trim(result.stdout), vim.fn.exepath(process.command()[1])))
  return true
end

---@return integer? bufnr the buffer that the user came from
local function buffer_before()
  local bufnr = vim.fn.bufnr('#')
  return bufnr > 0 and bufnr or nil
end

local function check_server()
  local server = require('foretype.server')
  local client = server.client()
  if not client then
    local why = server.gave_up() and 'the server died several times, or could not be started'
      or 'no server runs'
    vim.health.warn(
      why,
      { 'Open a file', ':Foretype log says why a server ended', ':Foretype restart' }
    )
    return
  end
  vim.health.ok(
    ('server runs, %d buffers attached, positions in %s'):format(
      vim.tbl_count(client.attached_buffers),
      client.offset_encoding
    )
  )
  local lines = require('foretype.report').status_lines(PATIENCE_MS)
  if not lines then
    vim.health.warn('the server does not answer', ':Foretype restart')
    return
  end
  for _, line in ipairs(lines) do
    vim.health.info(line)
  end
  local before = buffer_before()
  if before and not client.attached_buffers[before] then
    local name = vim.api.nvim_buf_get_name(before)
    vim.health.info(name .. ' is not attached: only files that can be written are')
  end
end

---@return string[] problems
local function tab_problems()
  local keymaps = require('foretype.options').get().keymaps
  local problems = {}
  for action, lhs in vim.spairs(keymaps or {}) do
    local mapping = lhs and vim.fn.maparg(lhs, 'i', false, true) or nil
    if mapping and not require('foretype.keymaps').is_ours(mapping) then
      table.insert(
        problems,
        ('%s is mapped by something else, so that it does not %s'):format(lhs, action)
      )
    end
  end
  return problems
end

local function check_keys()
  local problems = tab_problems()
  if #problems == 0 then
    vim.health.ok('keys are mapped')
  end
  for _, problem in ipairs(problems) do
    vim.health.warn(problem, 'Choose another key: :help foretype-keys')
  end
end

function M.check()
  vim.health.start('foretype')
  check_neovim()
  local works = check_program()
  if works then
    check_server()
  end
  check_keys()
end

return M
