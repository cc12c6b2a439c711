--- What a user can set, checked once. Knows nothing of what the options do.

local M = {}

---@alias foretype.Action 'accept'|'accept_word'|'accept_line'|'dismiss'|'next'|'previous'|'invoke'

---@class foretype.Options
---@field command string|string[] the program `foretype`, or how to call it
---@field connect string|false `HOST:PORT` of a shared `foretype serve --tcp`
---@field token_file string|false the token that the shared server asks for
---@field display 'own'|'builtin' who draws the ghost text
---@field keymaps false|table<foretype.Action, string|false>
---@field settings table<string, any> the server's settings
---@field log_file string where the server writes its log

---@return foretype.Options
local function defaults()
  return {
    command = 'foretype',
    connect = false,
    token_file = false,
    display = 'own',
    keymaps = {
      accept = '<Tab>',
      accept_word = '<M-Right>',
      accept_line = '<M-C-Right>',
      dismiss = '<C-]>',
      next = '<M-]>',
      previous = '<M-[>',
      invoke = '<M-\\>',
    },
    settings = {},
    log_file = vim.fs.joinpath(vim.fn.stdpath('log') --[[@as string]], 'foretype.log'),
  }
end

---@type foretype.Options?
local chosen

---@param value any
---@return boolean
local function is_text(value)
  return type(value) == 'string' and value ~= ''
end

---@param value any
---@return string? expected what it should have been, nil if it is right
local function check_keymaps(value)
  if value == false then
    return nil
  end
  if type(value) ~= 'table' then
    return 'false or a table of keys'
  end
  local known = defaults().keymaps --[[@as table]]
  for action, key in pairs(value) do
    if known[action] == nil then
      return 'a table with the keys ' .. table.concat(vim.fn.sort(vim.tbl_keys(known)), ', ')
    elseif key ~= false and not is_text(key) then
      return ('a key or false for %s'):format(action)
    end
  end
end

---@param value any
---@return string?
local function check_command(value)
  if is_text(value) then
    return nil
  end
  if type(value) == 'table' and #value > 0 and vim.iter(value):all(is_text) then
    return nil
  end
  return 'a program or a list of a program and its arguments'
end

---@param value any
---@return string?
local function check_display(value)
  if value ~= 'own' and value ~= 'builtin' then
    return '"own" or "builtin"'
  elseif value == 'builtin' and vim.fn.has('nvim-0.12') == 0 then
    return '"own" before Neovim 0.12'
  end
end

---@type table<string, fun(value: any): string?>
local checks = {
  command = check_command,
  display = check_display,
  keymaps = check_keymaps,
  connect = function(value)
    local is_address = value == false or (is_text(value) and value:match('^.+:%d+$'))
    return not is_address and 'HOST:PORT or false' or nil
  end,
  token_file = function(value)
    return value ~= false and not is_text(value) and 'a file or false' or nil
  end,
  settings = function(value)
    return type(value) ~= 'table' and 'a table' or nil
  end,
  log_file = function(value)
    return not is_text(value) and 'a file' or nil
  end,
}

--- Return the options in use.
---@return foretype.Options
function M.get()
  chosen = chosen or defaults()
  return chosen
end

--- Take options; those that are wrong keep their defaults.
---@param given any
---@return string[] problems one line for each option that is wrong
function M.set(given)
  local problems = {}
  chosen = defaults()
  if type(given) ~= 'table' then
    return { ('setup() expected a table, got %s'):format(type(given)) }
  end
  for name, value in pairs(given) do
    local check = checks[name]
    local expected = check and check(value)
    if not check then
      local known = table.concat(vim.fn.sort(vim.tbl_keys(checks)), ', ')
      table.insert(problems, ('unknown option %s; known are %s'):format(vim.inspect(name), known))
    elseif expected then
      local got = vim.inspect(value, { newline = ' ', indent = '' })
      table.insert(problems, ('option %s: expected %s, got %s'):format(name, expected, got))
    elseif name == 'keymaps' and value then
      chosen.keymaps = vim.tbl_extend('force', chosen.keymaps, value)
    else
      chosen[name] = value
    end
  end
  return problems
end

return M
