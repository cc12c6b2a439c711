--- Messages to a client's server; Neovim 0.11 made methods of what were functions.

local M = {}

local METHODS = vim.fn.has('nvim-0.11') == 1

---@param client vim.lsp.Client
---@param name string
---@param ... any
---@return any ...
local function call(client, name, ...)
  if METHODS then
    return client[name](client, ...)
  end
  return client[name](...)
end

---@param client vim.lsp.Client
---@param method string
---@param params table
---@param answered fun(err: table?, result: any)
---@param bufnr integer
---@return integer? id nil if the server cannot be reached
function M.request(client, method, params, answered, bufnr)
  local sent, id = call(client, 'request', method, params, answered, bufnr)
  return sent and id or nil
end

---@param client vim.lsp.Client
---@param method string
---@param params table
function M.notify(client, method, params)
  call(client, 'notify', method, params)
end

---@param client vim.lsp.Client
---@param id integer
function M.cancel(client, id)
  call(client, 'cancel_request', id)
end

---@param client vim.lsp.Client
function M.stop(client)
  call(client, 'stop')
end

return M
