--- `foretype train` in the background, its progress where other progress is shown, and no popup while somebody types.

local process = require('foretype.process')
local server = require('foretype.server')

local M = {}

local SIGINT = 2
local IS_WINDOWS = vim.fn.has('win32') == 1
local INFO = vim.log.levels.INFO
local TOKEN = 'foretype-training'

---@class foretype.Training
---@field folder string
---@field job vim.SystemObj
---@field percentage integer
---@field message string the last line it printed
---@field cancelled boolean
---@field client_id? integer the client whose progress it is shown as

---@type foretype.Training?
local running

--- Tell something as soon as nobody is typing.
---@param text string
---@param level integer
local function tell(text, level)
  if vim.api.nvim_get_mode().mode:match('^[iRct]') then
    vim.api.nvim_create_autocmd('ModeChanged', {
      once = true,
      pattern = '*:n*',
      callback = function()
        vim.notify(text, level)
      end,
    })
  else
    vim.notify(text, level)
  end
end

--- Show progress as if the server had reported it: statuslines and progress plugins listen to that.
---@param training foretype.Training
---@param kind 'begin'|'report'|'end'
local function report(training, kind)
  local client_id = training.client_id
  if client_id and vim.lsp.get_client_by_id(client_id) then
    local value = {
      kind = kind,
      title = kind == 'begin' and 'learning from ' .. vim.fs.basename(training.folder) or nil,
      message = training.message,
      percentage = training.percentage,
      cancellable = false,
    }
    local context = { client_id = client_id, method = '$/progress' }
    vim.lsp.handlers['$/progress'](nil, { token = TOKEN, value = value }, context, {})
  end
  vim.cmd.redrawstatus()
end

---@param training foretype.Training
---@param data string
local function read(training, data)
  for line in vim.gsplit(data, '[\r\n]+') do
    if line ~= '' then
      training.message = vim.trim(line)
      training.percentage = tonumber(line:match('^%s*(%d+)%%')) or training.percentage
    end
  end
  report(training, 'report')
end

---@param output string
---@return string
local function result_of(output)
  local ok, result = pcall(vim.json.decode, output, { luanil = { object = true } })
  if not ok or type(result) ~= 'table' then
    return 'done'
  elseif not result.name then
    return ('remembered, %d bytes'):format(vim.tbl_get(result, 'memory', 'bytes') or 0)
  end
  local held_out = result.held_out or {}
  local verdict = result.serves and 'serves now' or 'does not serve: it is no better'
  return ('%s %s %s, %.3f -> %.3f bits per byte on held-out files'):format(
    result.name,
    result.version,
    verdict,
    held_out.before or 0,
    held_out.after or 0
  )
end

---@param training foretype.Training
---@param ended vim.SystemCompleted
local function finish(training, ended)
  report(training, 'end')
  running = nil
  vim.cmd.redrawstatus()
  local name = vim.fs.basename(training.folder)
  if training.cancelled then
    tell(
      ('foretype: training on %s was cancelled; :Foretype train --resume goes on'):format(name),
      INFO
    )
  elseif ended.code == 0 and ended.signal == 0 then
    tell(('foretype: %s: %s'):format(name, result_of(ended.stdout or '')), INFO)
  else
    local why = training.message:gsub('^Error: ', '')
    tell(('foretype: training on %s failed: %s'):format(name, why), vim.log.levels.ERROR)
  end
end

---@return string
local function project_folder()
  local bufnr = vim.api.nvim_get_current_buf()
  return server.root(bufnr) or vim.fn.getcwd()
end

---@param arguments string[]
---@return string folder, string[] command
local function plan(arguments)
  local given = vim.list_slice(arguments)
  local first = given[1]
  local folder = project_folder()
  if first and not vim.startswith(first, '-') then
    folder = vim.fs.normalize(vim.fn.fnamemodify(table.remove(given, 1), ':p'))
  end
  local command = process.command('train', folder, '--json', '--controlled')
  return folder, vim.list_extend(command, given)
end

--- Learn from a folder, by default the project of the current buffer.
---@param arguments string[] perhaps a folder, then options of `foretype train`
function M.start(arguments)
  if running then
    vim.notify('foretype: training is running; :Foretype train cancel ends it', vim.log.levels.WARN)
    return
  elseif not process.is_there() then
    vim.notify('foretype: ' .. process.advice(), vim.log.levels.ERROR)
    return
  end
  local folder, command = plan(arguments)
  local client = server.client()
  local training = {
    folder = folder,
    percentage = 0,
    message = '',
    cancelled = false,
    client_id = client and client.id,
  }
  local function heard(_, data)
    if data then
      vim.schedule(function()
        read(training, data)
      end)
    end
  end
  -- it ends with its input: by our hand, or with us
  local pipes = { text = true, stdin = true, stderr = heard }
  training.job = process.run(command, pipes, function(ended)
    finish(training, ended)
  end)
  if not training.job then
    return
  end
  running = training
  report(training, 'begin')
  vim.notify(('foretype: learning from %s; :Foretype train cancel ends it'):format(folder))
end

--- End the training; what was learnt so far is kept for `--resume`.
---@return boolean whether there was one
function M.cancel()
  if not running then
    return false
  end
  running.cancelled = true
  running.job:write(nil)
  if not IS_WINDOWS then -- which has no signal that asks
    running.job:kill(SIGINT)
  end
  return true
end

--- Return how far it is, nil if nothing is being learnt.
---@return string?
function M.progress()
  if not running then
    return nil
  end
  -- in words: a statusline takes the sign for its own
  return ('training, %d percent'):format(running.percentage)
end

return M
