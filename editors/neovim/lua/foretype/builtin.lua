--- Ghost text by `vim.lsp.inline_completion` of Neovim 0.12, which asks 200 ms after the last key.

local insertion = require('foretype.insertion')
local pause = require('foretype.pause')
local pieces = require('foretype.piece')
local server = require('foretype.server')

local M = {}

local NAMESPACE = 'nvim.lsp.inline_completion'

---@param item vim.lsp.inline_completion.Item
---@return string? rest what is not yet typed of an item, nil if something else was
local function rest_of(item)
  local text = item.insert_text
  if type(text) ~= 'string' or not item.range then
    return nil
  end
  local row, column = item.range:to_extmark()
  local caret = vim.api.nvim_win_get_cursor(0)
  if caret[1] - 1 ~= row or caret[2] < column then
    return nil
  end
  local typed = vim.api.nvim_get_current_line():sub(column + 1, caret[2])
  return vim.startswith(text, typed) and text:sub(#typed + 1) or nil
end

---@return boolean
function M.is_visible()
  local namespace = vim.api.nvim_create_namespace(NAMESPACE)
  return #vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { limit = 1 }) > 0
end

--- Accept the suggestion or a piece of it.
---@param piece foretype.Piece
---@return boolean
function M.accept(piece)
  return M.is_visible()
    and vim.lsp.inline_completion.get({
      on_accept = function(item)
        local client = server.client(0)
        if not client or item.client_id ~= client.id then
          return item -- another server's
        end
        local rest = rest_of(item)
        if rest and rest ~= '' then
          insertion.insert(pieces.of(rest, piece))
        end
      end,
    })
end

--- Hide the suggestion.
---@return boolean
function M.dismiss()
  if not M.is_visible() then
    return false
  end
  local bufnr = vim.api.nvim_get_current_buf()
  vim.lsp.inline_completion.enable(false, { bufnr = bufnr })
  vim.lsp.inline_completion.enable(true, { bufnr = bufnr })
  return true
end

--- Show another candidate, if the server gave several.
---@param steps integer
---@return boolean
function M.cycle(steps)
  if not M.is_visible() then
    return false
  end
  vim.lsp.inline_completion.select({ count = steps })
  return true
end

--- Neovim has no way to ask by hand.
---@return boolean
function M.invoke()
  return false
end

--- Serve a buffer.
---@param _ vim.lsp.Client
---@param bufnr integer
function M.attach(_, bufnr)
  vim.lsp.inline_completion.enable(not pause.is_buffer_paused(bufnr), { bufnr = bufnr })
end

--- Serve a buffer no more.
---@param bufnr integer
function M.detach(bufnr)
  if vim.api.nvim_buf_is_valid(bufnr) then
    vim.lsp.inline_completion.enable(false, { bufnr = bufnr })
  end
end

return M
