--- The one language server of this Neovim: attached to all normal files, told of settings, started again if it dies.

local options = require('foretype.options')
local process = require('foretype.process')
local rpc = require('foretype.rpc')

local M = {}

M.NAME = 'foretype'

local ROOT_MARKERS = { '.git', '.hg', '.svn', '.jj' }
local PROJECT_MARKERS = { 'pyproject.toml', 'package.json', 'Cargo.toml', 'go.mod', 'Makefile' }
local WAITS_MS = { 200, 1000, 3000, 6000, 10000 }
local MINUTE_MS = 60000

---@type table<string, any> settings that were changed since setup()
local changed = {}
---@type integer[] when the server died, within the last minute
local deaths = {}
local gave_up = false
local told_missing = false
local stopping = false

--- Tell whether a client is Foretype's, and at work: one serves all projects.
---@param client vim.lsp.Client
---@return boolean
function M.is_ours(client)
  return client.name == M.NAME and not client.is_stopped(client)
end

--- Return the client once its server has answered.
---@param bufnr? integer one that must be attached
---@return vim.lsp.Client?
function M.client(bufnr)
  for _, client in ipairs(vim.lsp.get_clients({ name = M.NAME, bufnr = bufnr })) do
    if client.initialized and not client.is_stopped(client) then
      return client
    end
  end
end

---@return boolean whether it died too often to be started again, or cannot be started at all
function M.gave_up()
  return gave_up
end

---@return table? what the user gave to `vim.lsp.config()`, Neovim 0.11 and newer
local function user_config()
  return vim.lsp.config and vim.lsp.config[M.NAME] or nil
end

--- Return the server's settings as they are now.
---@return table<string, any>
function M.settings()
  local config = user_config() or {}
  local theirs = vim.tbl_get(config, 'settings', M.NAME) or {}
  local settings = vim.tbl_extend('force', theirs, options.get().settings, changed)
  return next(settings) and settings or vim.empty_dict()
end

--- Change settings of the running server, and of those to come.
---@param changes table<string, any>
function M.configure(changes)
  changed = vim.tbl_extend('force', changed, changes)
  M.push_settings()
end

--- Tell the server of the settings as they are now.
function M.push_settings()
  local client = M.client()
  if client then
    client.settings = { [M.NAME] = M.settings() }
    rpc.notify(client, 'workspace/didChangeConfiguration', { settings = client.settings })
  end
end

---@param bufnr integer
---@return string? folder of the project that a buffer's file lies in
function M.root(bufnr)
  local root = vim.fs.root(bufnr, ROOT_MARKERS) or vim.fs.root(bufnr, PROJECT_MARKERS)
  -- Windows' own has backslashes, those of vim.fs have none
  local home = vim.fs.normalize(vim.uv.os_homedir() or '')
  if not root or root == home or vim.fs.dirname(root) == root then
    return nil -- a place where everything is, not a project
  end
  return root
end

--- Tell whether a buffer is a file that can be typed into.
---@param bufnr integer
---@return boolean
function M.is_eligible(bufnr)
  return vim.api.nvim_buf_is_loaded(bufnr)
    and vim.bo[bufnr].buftype == ''
    and vim.bo[bufnr].modifiable
    and not vim.bo[bufnr].readonly
    and vim.api.nvim_buf_get_name(bufnr) ~= ''
end

--- Return what the client says it can do.
---@return table
function M.capabilities()
  local own = vim.lsp.protocol.make_client_capabilities()
  own.textDocument.inlineCompletion = { dynamicRegistration = false }
  if vim.fn.has('nvim-0.11') == 1 then
    own.general.positionEncodings = { 'utf-8', 'utf-16', 'utf-32' }
  else
    -- before 0.11 Neovim warns about two servers with different encodings, and most have this one
    own.general.positionEncodings = { 'utf-16' }
  end
  return own
end

---@param bufnr integer
---@return vim.lsp.ClientConfig
local function config_for(bufnr)
  local root = M.root(bufnr)
  local config = vim.tbl_deep_extend('force', {
    name = M.NAME,
    cmd = process.spawn,
    root_dir = root,
    capabilities = M.capabilities(),
  }, user_config() or {})
  config.root_dir = root
  config.settings = { [M.NAME] = M.settings() }
  config.init_options = M.settings()
  return config
end

--- Attach a buffer, starting the server for the first one.
---@param bufnr integer
function M.attach(bufnr)
  if gave_up or stopping or not M.is_eligible(bufnr) then
    return
  elseif not process.is_there() then
    if not told_missing then
      told_missing = true
      vim.notify('foretype: ' .. process.advice(), vim.log.levels.WARN)
    end
    return
  end
  vim.lsp.start(config_for(bufnr), {
    bufnr = bufnr,
    silent = true,
    reuse_client = M.is_ours,
  })
end

--- Attach all buffers that should be.
function M.attach_all()
  for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
    M.attach(bufnr)
  end
end

--- Let the server know the project of a buffer that was just attached.
---@param client vim.lsp.Client
---@param bufnr integer
function M.add_folder(client, bufnr)
  local root = M.root(bufnr)
  local known = client.workspace_folders or {}
  local function is_it(folder)
    return folder.name == root
  end
  if not root or vim.iter(known):any(is_it) then
    return
  end
  local folder = { uri = vim.uri_from_fname(root), name = root }
  client.workspace_folders = vim.list_extend(vim.deepcopy(known), { folder })
  local event = { added = { folder }, removed = {} }
  rpc.notify(client, 'workspace/didChangeWorkspaceFolders', { event = event })
end

--- Attach a buffer anew, because its language is another one.
---@param bufnr integer
function M.reattach(bufnr)
  local client = M.client(bufnr)
  if client then
    vim.lsp.buf_detach_client(bufnr, client.id)
  end
  M.attach(bufnr)
end

---@param code integer
---@param signal integer
local function give_up(code, signal)
  gave_up = true
  local how = signal ~= 0 and ('signal %d'):format(signal) or ('exit code %d'):format(code)
  vim.notify(
    ('foretype: the server ended %d times within a minute (%s); see :Foretype log, then :Foretype restart'):format(
      #deaths,
      how
    ),
    vim.log.levels.WARN
  )
end

---@param code integer
---@param signal integer
local function revive(code, signal)
  local ended_cleanly = code == 0 and signal == 0
  if ended_cleanly or stopping or vim.v.exiting ~= vim.NIL then
    return
  end
  local now = vim.uv.now()
  deaths = vim.tbl_filter(function(died)
    return now - died < MINUTE_MS
  end, deaths)
  table.insert(deaths, now)
  local wait = WAITS_MS[#deaths]
  if wait then
    vim.defer_fn(M.attach_all, wait)
  else
    give_up(code, signal)
  end
end

--- Look after the server's process from now on.
function M.watch()
  process.on_exit = revive
  process.on_failure = function()
    gave_up = true
    vim.notify('foretype: ' .. process.remedy(), vim.log.levels.WARN)
  end
end

--- Start the server anew.
function M.restart()
  gave_up, told_missing, deaths, stopping = false, false, {}, true
  local clients = vim.lsp.get_clients({ name = M.NAME })
  for _, client in ipairs(clients) do
    rpc.stop(client)
  end
  vim.wait(2000, function()
    return #vim.lsp.get_clients({ name = M.NAME }) == 0
  end, 20)
  vim.schedule(function()
    stopping = false
    M.attach_all()
  end)
end

return M
