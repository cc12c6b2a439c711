--- Which buffers are served, and by which display, from the first one to the last.

local options = require('foretype.options')
local server = require('foretype.server')

local M = {}

---@param name? string
---@return table
local function display(name)
  return require('foretype.' .. (name or options.get().display))
end

---@return integer[] buffers that are served now
local function served()
  local client = server.client()
  return client and vim.tbl_keys(client.attached_buffers) or {}
end

---@param event table
---@return boolean
local function is_ours(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  return client ~= nil and client.name == server.NAME
end

---@param event table
local function attached(event)
  if is_ours(event) then
    local client = vim.lsp.get_client_by_id(event.data.client_id) --[[@as vim.lsp.Client]]
    server.add_folder(client, event.buf)
    display().attach(client, event.buf)
  end
end

---@param event table
local function detached(event)
  if is_ours(event) then
    display().detach(event.buf)
  end
end

---@param event table
local function appeared(event)
  vim.schedule(function() -- once its language is known
    if vim.api.nvim_buf_is_valid(event.buf) then
      server.attach(event.buf)
    end
  end)
end

---@param event table
local function language_set(event)
  local client = server.client(event.buf)
  if client then
    vim.schedule(function()
      if vim.api.nvim_buf_is_valid(event.buf) then
        server.reattach(event.buf)
      end
    end)
  else
    appeared(event)
  end
end

--- Let another display serve the buffers that are served.
---@param before string the display until now
function M.switch(before)
  if before == options.get().display then
    return
  end
  local client = server.client()
  for _, bufnr in ipairs(served()) do
    display(before).detach(bufnr)
    display().attach(client, bufnr)
  end
end

--- Draw what a buffer's state is now; called when it was paused or resumed.
---@param bufnr integer
function M.refresh(bufnr)
  local client = server.client(bufnr)
  if client then
    display().dismiss()
    display().attach(client, bufnr)
  end
end

--- Serve all normal files, those that are open and those to come.
function M.start()
  local group = vim.api.nvim_create_augroup('foretype', { clear = true })
  ---@param events string|string[]
  ---@param callback fun(event: table)
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, callback = callback })
  end
  on({ 'BufReadPost', 'BufNewFile', 'BufFilePost', 'BufWritePost', 'InsertEnter' }, appeared)
  on('FileType', language_set)
  on('LspAttach', attached)
  on('LspDetach', detached)
  on('LspProgress', function(event)
    require('foretype.statusline').note(event)
  end)
  on('VimLeavePre', function()
    require('foretype.training').cancel()
  end)
  server.watch()
  server.attach_all()
end

return M
