--- What Foretype says of itself, in the editor: pages, tables, the log.

local process = require('foretype.process')
local rpc = require('foretype.rpc')
local server = require('foretype.server')
local state = require('foretype.statusline')

local M = {}

---@param title string
---@param lines string[]
local function open_scratch(title, lines)
  vim.cmd('botright new')
  vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  vim.bo.buftype, vim.bo.bufhidden, vim.bo.swapfile, vim.bo.modifiable =
    'nofile', 'wipe', false, false
  vim.api.nvim_buf_set_name(0, ('foretype://%s/%d'):format(title, vim.api.nvim_get_current_buf()))
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = true, desc = 'Close' })
  vim.api.nvim_win_set_height(0, math.min(#lines + 1, math.floor(vim.o.lines / 2)))
end

---@param arguments string[]
---@param use fun(output: string, code: integer)
local function run(arguments, use)
  if not process.is_there() then
    vim.notify('foretype: ' .. process.advice(), vim.log.levels.ERROR)
    return
  end
  local function ended(result)
    local output = result.stdout ~= '' and result.stdout or result.stderr
    use(vim.trim(output or ''), result.code)
  end
  process.run(process.command(unpack(arguments)), { text = true }, ended)
end

---@param title string
---@param arguments string[]
local function show_output(title, arguments)
  run(arguments, function(output)
    open_scratch(title, vim.split(output, '\n'))
  end)
end

--- Show what the suggestions have saved, as a table.
function M.stats_table()
  show_output('stats', { 'stats' })
end

--- Show what the suggestions have saved, as a page in the browser; as a table where there is none.
function M.stats()
  local folder = vim.fn.stdpath('cache') --[[@as string]]
  vim.fn.mkdir(folder, 'p')
  local page = vim.fs.joinpath(folder, 'foretype-stats.html')
  run({ 'stats', '--html', page }, function(output, code)
    if code ~= 0 then
      vim.notify('foretype: ' .. output, vim.log.levels.ERROR)
      return
    end
    local opened = vim.ui.open(page)
    if not opened then
      M.stats_table()
    end
  end)
end

--- Show what `foretype doctor` finds.
function M.doctor()
  show_output('doctor', { 'doctor' })
end

--- Open the server's log.
function M.log()
  local file = vim.fn.expand(require('foretype.options').get().log_file)
  if vim.fn.filereadable(file) == 0 then
    vim.notify('foretype: nothing was logged yet, ' .. file .. ' does not exist')
    return
  end
  vim.cmd('botright split ' .. vim.fn.fnameescape(file))
  vim.bo.readonly, vim.bo.modifiable = true, false
  vim.cmd('normal! G')
end

---@param status table
---@return string[]
local function sentences(status)
  local memory = status.memory or {}
  local lines = {
    ('foretype %s: %s'):format(status.version, state.state() or 'ready'),
    ('model: %s'):format(
      not status.model.loaded and 'being loaded' or status.model.network and 'loaded' or 'none'
    ),
    ('memory: %.1f MB of %s'):format(
      (memory.bytes or 0) / 1e6,
      table.concat(memory.folders or {}, ', ')
    ),
    ('process: %.0f MB'):format((status.process_bytes or 0) / 1e6),
    ('suggestions: %d shown, %d accepted, %d keys saved'):format(
      status.shown,
      status.accepted,
      status.keys_saved
    ),
  }
  for reason, count in vim.spairs(status.silences or {}) do
    table.insert(lines, ('silent %d times: %s'):format(count, reason))
  end
  return lines
end

--- Hand the server's status to a function; nil if there is no answer.
---@param use fun(status: table?)
function M.ask_status(use)
  local client = server.client()
  local id = client
    and rpc.request(client, 'foretype/status', vim.empty_dict(), function(err, status)
      use(not err and status or nil)
    end, vim.api.nvim_get_current_buf())
  if not id then
    use(nil)
  end
end

--- Return the status in sentences, without waiting long for it.
---@param milliseconds integer
---@return string[]?
function M.status_lines(milliseconds)
  local lines
  M.ask_status(function(status)
    lines = status and sentences(status)
  end)
  vim.wait(milliseconds, function()
    return lines ~= nil or not server.client()
  end, 10)
  return lines
end

--- Print how things stand.
function M.status()
  M.ask_status(function(status)
    local silent = ('foretype: no answer (%s); see :checkhealth foretype'):format(
      state.state() or 'ready'
    )
    local lines = status and sentences(status) or { silent }
    vim.api.nvim_echo({ { table.concat(lines, '\n') } }, true, {})
  end)
end

return M
