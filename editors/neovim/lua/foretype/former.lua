--- What a key of Insert mode did before it was ours, kept as a mapping of its own. Knows nothing of suggestions.

local M = {}

---@type table<integer, fun(keys: string): string> for each mapping that is kept and may be mapped on
local guards = {}
local count = 0

---@param keys string
---@return string
local function codes(keys)
  return vim.api.nvim_replace_termcodes(keys, true, true, true)
end

--- Return the mapping that a key has wherever a buffer has none of its own.
---@param lhs string
---@return table mapping as `maparg()` has it, empty if there is none
function M.mapping(lhs)
  local found = vim.fn.maparg(lhs, 'i', false, true)
  if found.buffer ~= 1 then
    return found
  end
  for _, mapping in ipairs(vim.fn.maplist()) do
    local is_for_all = mapping.buffer == 0 and mapping.mode:find('[i!]') ~= nil
    if is_for_all and mapping.lhsraw == found.lhsraw then
      return mapping
    end
  end
  return {}
end

--- Map a name to what a key does that nobody maps.
---@param name string
---@param lhs string
local function keep_key(name, lhs)
  -- Alt is Escape to Neovim then, but only where it was typed
  local with_alt = codes(lhs):find('^\x80\xfc\x08') and lhs:match('^<.%-(.+)>$')
  if with_alt then
    local key = vim.fn.strchars(with_alt) == 1 and with_alt or ('<%s>'):format(with_alt)
    vim.keymap.set('i', name, '<Esc>' .. key, { remap = true })
  else
    vim.keymap.set('i', name, lhs)
  end
end

--- Let a key with which its own mapping begins be that key, as ever; under another name it would go round in circles.
---@param mapping table
---@param number integer
---@return fun(keys: string): string
local function guard(mapping, number)
  local key = ('<Plug>(foretype-key-%d)'):format(number)
  vim.keymap.set('i', key, mapping.lhs)
  return function(keys)
    for _, raw in pairs({ mapping.lhsraw, mapping.lhsrawalt }) do
      if vim.startswith(keys, raw) then
        return codes(key) .. keys:sub(#raw + 1)
      end
    end
    return keys
  end
end

--- Return what is to be typed for what a kept mapping has given.
---@param number integer
---@param keys any
---@param has_names boolean whether it names keys, such as <Tab>
---@return string
function M.guarded(number, keys, has_names)
  local text = type(keys) == 'string' and keys or ''
  return guards[number](has_names and codes(text) or text)
end

--- Return how a mapping that may be mapped on is written under another name.
---@param mapping table
---@param number integer
---@return table
local function rewritten(mapping, number)
  local has_names = mapping.replace_keycodes == 1
  if mapping.callback then
    local function callback()
      return M.guarded(number, mapping.callback(), has_names)
    end
    return mapping.expr == 1 and { callback = callback, replace_keycodes = 0 } or {}
  end
  local given = mapping.expr == 1 and mapping.rhs or vim.fn.string(mapping.rhs)
  local call = "v:lua.require'foretype.former'.guarded(%d, %s, v:%s)"
  return { rhs = call:format(number, given, has_names), expr = 1, replace_keycodes = 0 }
end

--- Keep what a key does now.
---@param lhs string
---@return string name a key that does it
function M.keep(lhs)
  count = count + 1
  local name = ('<Plug>(foretype-former-%d)'):format(count)
  local mapping = M.mapping(lhs)
  if vim.tbl_isempty(mapping) then
    keep_key(name, lhs)
    return name
  end
  local kept = vim.tbl_extend('force', mapping, { lhs = name, lhsraw = codes(name) })
  kept.lhsrawalt = nil
  if mapping.noremap == 0 then
    guards[count] = guard(mapping, count)
    kept = vim.tbl_extend('force', kept, rewritten(mapping, count))
  end
  vim.fn.mapset('i', false, kept)
  return name
end

return M
