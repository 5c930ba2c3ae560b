-- Checked with: luacheck integrations/prosody
std = "lua54c"
max_line_length = 130
read_globals = { "prosody" }
globals = { "module" }

files["**/mod_ostiary.lua"].globals = { "module", "link" } -- what the module gives to others
