--- Ghost text without delay: asked for with each key, kept and shortened while it is typed along.

local anchors = require('foretype.anchor')
local ghost_text = require('foretype.ghost_text')
local insertion = require('foretype.insertion')
local menu = require('foretype.menu')
local pause = require('foretype.pause')
local pieces = require('foretype.piece')
local rpc = require('foretype.rpc')
local server = require('foretype.server')
local typing = require('foretype.typing')

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local INVOKED, AUTOMATIC = 1, 2

---@class foretype.Shown
---@field anchor foretype.Anchor
---@field texts string[] the candidates, without what was typed
---@field index integer the one that is drawn
---@field asked boolean whether the candidates were asked for by hand
---@field chosen boolean whether the user chose this candidate

---@class foretype.Request
---@field client vim.lsp.Client
---@field id? integer
---@field anchor foretype.Anchor

---@type foretype.Shown?
local shown
---@type foretype.Request?
local waiting

local function withdraw()
  local request = waiting
  waiting = nil
  if request and request.id then
    rpc.cancel(request.client, request.id)
  end
end

local function clear()
  shown = nil
  ghost_text.clear()
end

local function draw()
  if not shown then
    return
  end
  local text = shown.texts[shown.index]
  if not menu.allows(shown.anchor.before, text) then
    ghost_text.clear() -- it may be right again when another entry is selected
    return
  end
  local marker = #shown.texts > 1 and (' (%d/%d)'):format(shown.index, #shown.texts) or nil
  ghost_text.draw(shown.anchor, text, marker)
end

---@param texts string[]
---@param typed string
---@return string[] rests of those that begin with what was typed
local function rests(texts, typed)
  local found = {}
  for _, text in ipairs(texts) do
    if #text > #typed and vim.startswith(text, typed) then
      table.insert(found, text:sub(#typed + 1))
    end
  end
  return found
end

---@param list string[]
---@param text string
---@return integer
local function index_of(list, text)
  for index, one in ipairs(list) do
    if one == text then
      return index
    end
  end
  return 1
end

--- Shorten what is shown by what was typed of it, or hide it.
local function follow()
  if not shown then
    return
  end
  local typed = anchors.typed_since(shown.anchor)
  local current = typed and rests({ shown.texts[shown.index] }, typed)[1]
  if not typed or not current then
    clear()
  elseif typed ~= '' then
    shown.texts = rests(shown.texts, typed)
    shown.index = index_of(shown.texts, current)
    shown.anchor = anchors.here()
    draw()
  end
end

---@return boolean
local function is_inserting()
  return vim.api.nvim_get_mode().mode:sub(1, 1) == 'i'
end

---@param bufnr integer
---@return boolean
local function may_speak(bufnr)
  return server.is_eligible(bufnr)
    and not pause.is_buffer_paused(bufnr)
    and not typing.is_automatic()
end

---@param result any
---@return string[]
local function texts_of(result)
  local texts = {}
  for _, item in ipairs(result and (result.items or result) or {}) do
    if type(item.insertText) == 'string' and not vim.list_contains(texts, item.insertText) then
      table.insert(texts, item.insertText)
    end
  end
  return texts
end

--- Show an answer, if it still fits.
---@param request foretype.Request
---@param texts string[]
---@param asked boolean
local function show(request, texts, asked)
  local typed = anchors.typed_since(request.anchor)
  local fitting = typed and rests(texts, typed) or {}
  local current = shown and shown.texts[shown.index]
  if
    shown
    and shown.chosen
    and not asked
    and not (fitting[1] and vim.startswith(fitting[1], current))
  then
    return -- what the user chose stays until it is typed otherwise
  elseif #fitting == 0 then
    return clear()
  end
  shown = { anchor = anchors.here(), texts = fitting, index = 1, asked = asked, chosen = false }
  draw()
end

--- Ask the server for the caret's suggestions.
---@param asked boolean by hand, so several are wanted
---@param answered? fun() called once they are shown
local function ask(asked, answered)
  withdraw()
  local bufnr = vim.api.nvim_get_current_buf()
  local client = server.client(bufnr)
  if not client or not may_speak(bufnr) then
    return clear()
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding) --[[@as table]]
  params.context = { triggerKind = asked and INVOKED or AUTOMATIC }
  local request = { client = client, anchor = anchors.here() } ---@type foretype.Request
  waiting = request
  request.id = rpc.request(client, METHOD, params, function(err, result)
    if waiting ~= request then
      return
    end
    waiting = nil
    if not is_inserting() or not may_speak(vim.api.nvim_get_current_buf()) then
      return clear()
    end
    show(request, err and {} or texts_of(result), asked)
    if answered then
      answered()
    end
  end, bufnr)
end

local function text_changed()
  local by_hand = typing.was_by_hand()
  follow()
  if by_hand then
    ask(false)
  else
    withdraw()
  end
end

local function caret_moved()
  typing.look()
  follow()
end

local function ask_soon()
  vim.schedule(function()
    if is_inserting() then
      ask(false)
    end
  end)
end

local function entered()
  typing.begin()
  ask_soon()
end

--- Hide the suggestion and forget the one that was asked for.
---@return boolean whether there was one to see
function M.dismiss()
  local was_shown = shown ~= nil
  withdraw()
  clear()
  return was_shown
end

---@return boolean
function M.is_visible()
  follow()
  return shown ~= nil and menu.allows(shown.anchor.before, shown.texts[shown.index])
end

--- Accept the suggestion or a piece of it.
---@param piece foretype.Piece
---@return boolean whether there was one
function M.accept(piece)
  if not M.is_visible() or not shown then
    return false
  end
  typing.note()
  insertion.insert(pieces.of(shown.texts[shown.index], piece))
  return true
end

---@param steps integer
local function turn(steps)
  if shown then
    shown.index = (shown.index - 1 + steps) % #shown.texts + 1
    shown.chosen = true
    draw()
  end
end

--- Show another candidate, asking for more if there is only one.
---@param steps integer
---@return boolean whether there is a suggestion
function M.cycle(steps)
  if not M.is_visible() or not shown then
    return false
  elseif shown.asked then
    turn(steps)
  else
    ask(true, function()
      turn(steps)
    end)
  end
  return true
end

--- Ask for suggestions by hand.
---@return boolean whether there is a server to ask
function M.invoke()
  ask(true)
  return waiting ~= nil
end

---@param group integer
---@param bufnr integer
local function listen(group, bufnr)
  ---@param events string|string[]
  ---@param callback function
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, {
      group = group,
      buffer = bufnr,
      callback = function()
        callback()
      end,
    })
  end
  on('InsertCharPre', typing.note)
  on({ 'TextChangedI', 'TextChangedP' }, text_changed)
  on('CursorMovedI', caret_moved)
  on('InsertEnter', entered)
  on({ 'InsertLeave', 'BufLeave', 'WinLeave' }, M.dismiss)
  on('CompleteChanged', function()
    menu.look()
    draw()
  end)
  on('CompleteDone', function()
    menu.leave()
    ask_soon()
  end)
end

---@param bufnr integer
---@return integer
local function group_of(bufnr)
  return vim.api.nvim_create_augroup('foretype.own.' .. bufnr, { clear = true })
end

--- Serve a buffer.
---@param client vim.lsp.Client
---@param bufnr integer
function M.attach(client, bufnr)
  if vim.lsp.inline_completion then
    vim.lsp.inline_completion.enable(false, { client_id = client.id })
  end
  listen(group_of(bufnr), bufnr)
  if bufnr == vim.api.nvim_get_current_buf() and is_inserting() then
    entered()
  end
end

--- Serve a buffer no more.
---@param bufnr integer
function M.detach(bufnr)
  vim.api.nvim_del_augroup_by_id(group_of(bufnr))
  if shown and shown.anchor.bufnr == bufnr then
    M.dismiss()
  end
end

return M
