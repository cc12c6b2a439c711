-- For `vim.lsp.enable('foretype')`; the plugin starts the same server by itself.

---@type vim.lsp.Config
return {
  cmd = function(dispatchers)
    return require('foretype.process').spawn(dispatchers)
  end,
}
