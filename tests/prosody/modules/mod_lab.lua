-- The tests' hand inside of the server: writes down Prosody's registration events, refuses names that start with
-- "vetoed", and runs Lua that a test has put into a file.

local async = require "util.async";
local json = require "util.json";

local path = module:get_option_string("lab_path");
lab = { events = {} };

local function keep(name)
	module:hook(name, function (event)
		table.insert(lab.events, {
			event = name, username = event.username, host = event.host, ip = event.ip;
			source = event.source, session = event.session and event.session.type or nil;
		});
	end, 100);
end
keep("user-registering");
keep("user-registered");

module:hook("user-registering", function (event)
	if event.username:find("^vetoed") then
		event.allowed, event.error_type, event.error_condition, event.reason = false, "auth", "forbidden", "Not with this name";
	elseif event.username:find("^veto13") then
		event.allowed, event.error = false, { type = "wait", condition = "policy-violation", text = "Not so fast" };
	end
end);

local runner = async.runner(function (source)
	local chunk, problem = load(source, "test", "t", setmetatable({ module = module, lab = lab }, { __index = _G }));
	local results = chunk and table.pack(pcall(chunk)) or { false, problem };
	local out = assert(io.open(path..".tmp", "w"));
	out:write(json.encode({ ok = results[1], values = { results[2] or false, results[3] or false } }));
	out:close();
	os.rename(path..".tmp", path..".out");
end);

module:add_timer(0.01, function ()
	local file = io.open(path..".in");
	if file then
		local source = file:read("*a");
		file:close();
		os.remove(path..".in");
		runner:run(source);
	end
	return 0.01;
end);
