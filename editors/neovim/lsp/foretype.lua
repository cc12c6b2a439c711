-- For `vim.lsp.enable('foretype')`; the plugin starts the same server by itself.

local server = require('foretype.server')

---@type vim.lsp.Config
return {
  cmd = require('foretype.process').spawn,
  capabilities = server.capabilities(),
  reuse_client = server.is_ours,
}
