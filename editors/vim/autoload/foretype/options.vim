vim9script
# What the user has set in g:foretype, checked once; a wrong value is told in one line and its default serves.

const KEYS: dict<string> = {
  accept: '<Tab>',
  word: '<C-Right>',
  line: '<C-End>',
  dismiss: '<C-]>',
  next: '<C-Down>',
  previous: '<C-Up>',
}

const DEFAULTS: dict<any> = {
  cmd: ['foretype', 'serve'],
  connect: '',
  autostart: true,
  keys: KEYS,
  settings: {},
}

var options: dict<any> = DEFAULTS->deepcopy()

# Read g:foretype and return a sentence for each value that cannot be used.
export def Read(): list<string>
  options = DEFAULTS->deepcopy()
  var given: any = get(g:, 'foretype', {})
  if type(given) != v:t_dict
    return [Sentence('g:foretype', 'a dictionary', given)]
  endif
  var problems: list<string> = []
  for [name, value] in items(given)
    var problem = Problem(name, value)
    if problem == ''
      options[name] = name == 'keys' ? KEYS->copy()->extend(value) : value->deepcopy()
    else
      problems->add(problem)
    endif
  endfor
  return problems
enddef

# Return the command that starts the server.
export def ServerCommand(): list<string>
  return options.cmd + (options.connect == '' ? [] : ['--connect', options.connect])
enddef

# Return the command `foretype` without what tells it to serve.
export def Program(): list<string>
  var serve = index(options.cmd, 'serve')
  return serve > 0 ? options.cmd[: serve - 1] : [options.cmd[0]]
enddef

# Tell whether the server starts with the first file.
export def Autostart(): bool
  return options.autostart
enddef

# Return the key for each action; an empty string is none.
export def Keys(): dict<string>
  return options.keys
enddef

# Return the server's settings.
export def Settings(): dict<any>
  return options.settings
enddef

# Change one of the server's settings; null takes its default back.
export def Set(name: string, value: any)
  if value == null
    options.settings->extend({[name]: v:null})->remove(name)
  else
    options.settings[name] = value
  endif
enddef

def Problem(name: string, value: any): string
  if !DEFAULTS->has_key(name)
    return printf('g:foretype has no option %s; there are %s', string(name), DEFAULTS->keys()->sort()->join(', '))
  endif
  var place = 'g:foretype.' .. name
  if name == 'cmd'
    var fits = type(value) == v:t_list && !empty(value) && value->copy()->filter((_, word) => type(word) != v:t_string)->empty()
    return fits ? '' : Sentence(place, "a list of strings such as ['foretype', 'serve']", value)
  elseif name == 'connect'
    var fits = type(value) == v:t_string && value =~ '^\%(\|.*:\d\+\)$'
    return fits ? '' : Sentence(place, "'HOST:PORT'", value)
  elseif name == 'autostart'
    return index([true, false, 0, 1], value) >= 0 ? '' : Sentence(place, 'true or false', value)
  elseif type(value) != v:t_dict
    return Sentence(place, 'a dictionary', value)
  endif
  return name == 'keys' ? KeysProblem(value) : ''
enddef

def KeysProblem(given: dict<any>): string
  for [action, key] in items(given)
    if !KEYS->has_key(action)
      return printf('g:foretype.keys has no action %s; there are %s', string(action), KEYS->keys()->sort()->join(', '))
    elseif type(key) != v:t_string
      return Sentence('g:foretype.keys.' .. action, "a key such as '<Tab>', or '' for none", key)
    endif
  endfor
  return ''
enddef

def Sentence(place: string, expected: string, value: any): string
  return printf('%s must be %s, got %s; its default serves', place, expected, string(value))
enddef
