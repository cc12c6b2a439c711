--- The program `foretype`: how it is called, and the language server's process. Knows nothing of buffers.

local options = require('foretype.options')

local M = {}

--- Called with exit code and signal when a server's process has ended.
---@type fun(code: integer, signal: integer)
M.on_exit = function() end

--- Called when a server's process cannot be started.
---@type fun()
M.on_failure = function() end

--- Return a command line of the program.
---@param ... string its arguments
---@return string[]
function M.command(...)
  local command = options.get().command
  local line = type(command) == 'table' and vim.deepcopy(command) or { vim.fn.expand(command) }
  return vim.list_extend(line --[[@as string[] ]], { ... })
end

---@return boolean
function M.is_there()
  return vim.fn.executable(M.command()[1]) == 1
end

--- Return what to do when the program cannot be found.
---@return string
function M.advice()
  local program = M.command()[1]
  return ('%s is not an executable: `pip install "foretype[train]"` and `:Foretype restart`, '):format(
    program
  ) .. "or name it with require('foretype').setup{ command = ... }"
end

--- Return what to do when the program is there and cannot be started.
---@return string
function M.remedy()
  local sentence = '%s cannot be started; the Python that it was installed for may be gone: '
  return sentence:format(M.command()[1]) .. 'install it anew, then `:Foretype restart`'
end

--- Run a command of the program; where it cannot be started the user is told.
---@param command string[]
---@param options table as for `vim.system()`
---@param ended fun(result: vim.SystemCompleted)
---@return vim.SystemObj? job
function M.run(command, options, ended)
  local started, job = pcall(vim.system, command, options, vim.schedule_wrap(ended))
  if started then
    return job
  end
  vim.notify('foretype: ' .. M.remedy(), vim.log.levels.ERROR)
end

---@return string[]
local function server_command()
  local chosen = options.get()
  local line = M.command('serve', '--log-file', vim.fn.expand(chosen.log_file))
  if chosen.connect then
    vim.list_extend(line, { '--connect', chosen.connect })
    if chosen.token_file then
      vim.list_extend(line, { '--token-file', vim.fn.expand(chosen.token_file) })
    end
  end
  return line
end

--- Start the language server.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@return vim.lsp.rpc.PublicClient
function M.spawn(dispatchers)
  vim.fn.mkdir(vim.fs.dirname(vim.fn.expand(options.get().log_file)), 'p')
  local told = dispatchers.on_exit
  dispatchers.on_exit = function(code, signal)
    -- as a clean end: Neovim would raise a popup, whereas we start it again
    told(0, 0)
    vim.schedule(function()
      M.on_exit(code, signal)
    end)
  end
  local started, client = pcall(vim.lsp.rpc.start, server_command(), dispatchers)
  if not started then
    M.on_failure()
    error(client, 0)
  end
  return client
end

return M
