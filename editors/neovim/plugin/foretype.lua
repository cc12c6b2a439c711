-- Defines the command and starts Foretype once the user's own configuration has been read.

if vim.g.loaded_foretype then
  return
end
vim.g.loaded_foretype = true

if vim.fn.has('nvim-0.10') == 0 then
  vim.notify('foretype: needs Neovim 0.10 or newer', vim.log.levels.ERROR)
  return
end

vim.api.nvim_create_user_command('Foretype', function(call)
  require('foretype.command').run(call.fargs)
end, {
  nargs = '*',
  desc = 'Foretype: suggestions while you type',
  complete = function(_, line)
    return require('foretype.command').complete(line)
  end,
})

local function start()
  require('foretype').start()
end

if vim.v.vim_did_enter == 1 then
  vim.schedule(start) -- a plugin manager that loads this late calls setup() in the same breath
else
  vim.api.nvim_create_autocmd('VimEnter', { once = true, callback = start })
end
