--- The drawing of a suggestion right of the caret, in one window only. Knows nothing of where suggestions come from.

local M = {}

M.NAMESPACE = 'foretype.ghost'

local HIGHLIGHT = 'ForetypeSuggestion'
local MARK = 1

---@type integer?
local namespace
---@type integer? buffer that is drawn in
local drawn
---@type integer? window that the namespace is confined to
local confined

---@return integer
local function prepared()
  if not namespace then
    namespace = vim.api.nvim_create_namespace(M.NAMESPACE)
    vim.api.nvim_set_hl(0, HIGHLIGHT, { link = 'Comment', default = true })
  end
  return namespace
end

--- Keep other windows of the same buffer free. Experimental in Neovim: without it all of them show the text.
---@param window integer
local function confine(window)
  if confined == window then
    return
  end
  local ns = prepared()
  if vim.api.nvim__ns_set then
    vim.api.nvim__ns_set(ns, { wins = { window } })
  elseif vim.api.nvim__win_add_ns then
    if confined and vim.api.nvim_win_is_valid(confined) then
      vim.api.nvim__win_del_ns(confined, ns)
    end
    vim.api.nvim__win_add_ns(window, ns)
  end
  confined = window
end

--- Return a line with its tabs as spaces, as they will look from a column on.
---@param line string
---@param column integer
---@return string
local function expanded(line, column)
  local parts, width = {}, column
  for text, tab in line:gmatch('([^\t]*)(\t?)') do
    width = width + vim.fn.strdisplaywidth(text, width)
    local stop = tab ~= '' and vim.fn.strdisplaywidth('\t', width) or 0
    width = width + stop
    table.insert(parts, text .. (' '):rep(stop))
  end
  return table.concat(parts)
end

--- Draw a text at the caret of the current window.
---@param anchor foretype.Anchor where the caret is
---@param text string
---@param marker string? what follows the first line, not part of the text
function M.draw(anchor, text, marker)
  local ns = prepared()
  if drawn and drawn ~= anchor.bufnr then
    M.clear()
  end
  local first, below = nil, {} ---@type string?, [string, string][][]
  for line in vim.gsplit(text, '\n', { plain = true }) do
    if first then
      table.insert(below, { { expanded(line, 0), HIGHLIGHT } })
    else
      first = expanded(line, vim.fn.strdisplaywidth(anchor.before))
    end
  end
  confine(vim.api.nvim_get_current_win())
  vim.api.nvim_buf_set_extmark(anchor.bufnr, ns, anchor.row, #anchor.before, {
    id = MARK,
    virt_text = { { first .. (marker or ''), HIGHLIGHT } },
    virt_text_pos = 'inline',
    virt_lines = #below > 0 and below or nil,
    hl_mode = 'combine',
    undo_restore = false,
    scoped = vim.api.nvim__win_add_ns and true or nil, -- 0.10: asks for the confinement
  })
  drawn = anchor.bufnr
end

--- Draw nothing.
function M.clear()
  if drawn and vim.api.nvim_buf_is_valid(drawn) then
    vim.api.nvim_buf_clear_namespace(drawn, prepared(), 0, -1)
  end
  drawn = nil
end

return M
