-- The link to Ostiary: requests, answers and the life of the component stream that carries them.
-- The protocol is described in docs/link.md of Ostiary; this file is its only place in Prosody.

local async = require "util.async";
local configmanager = require "core.configmanager";
local jid_prep = require "util.jid".prep;
local new_id = require "util.id".medium;
local st = require "util.stanza";

local NS = "urn:ostiary:link:1";
local NS_DISCO = "http://jabber.org/protocol/disco#info";
local NS_FLOWS = "urn:xmpp:register:0";
local EXTERNAL = "component"; -- what Prosody writes down for `Component "name"` without a module

-- The level 0 keeps file and line out of a message that is meant for operators.
local function refuse_to_load(message, ...)
	error(message:format(...), 0);
end

local function number_option(name, default, least, most)
	local value = module:get_option_number(name, default);
	if not value or value < least or value > most then
		refuse_to_load("%s must be a number from %d to %d", name, least, most);
	end
	return value;
end

local function external_components()
	local names = {};
	for host, options in pairs(configmanager.getconfig()) do
		if host ~= "*" and rawget(options, "component_module") == EXTERNAL then
			table.insert(names, host);
		end
	end
	table.sort(names);
	return names;
end

local function component_option()
	local names = external_components();
	local wanted = module:get_option_string("ostiary_component");
	if wanted then
		local prepared = jid_prep(wanted);
		for _, name in ipairs(names) do
			if name == prepared then return name; end
		end
		refuse_to_load("ostiary_component is %q, but there is no line 'Component %q' with a component_secret in this configuration",
			wanted, wanted);
	elseif #names == 1 then
		return names[1];
	elseif #names == 0 then
		refuse_to_load("ostiary_component is not set, and this configuration has no external Component that could be Ostiary");
	end
	refuse_to_load("ostiary_component is not set, and there are several external Components to choose from: %s",
		table.concat(names, ", "));
end

local component = component_option();
local timeout = number_option("ostiary_timeout", 20, 1, 120);
local max_pending = number_option("ostiary_max_pending", 1000, 1, 100000);
local credential_memory = number_option("ostiary_credential_memory", 0, 0, 300);

-- What a request can end with when no answer came. Shaped like util.error objects, so that they fit
-- into error replies.
local AWAY = { type = "wait", condition = "service-unavailable", text = "The account service is away. Please try again." };
local BUSY = { type = "wait", condition = "resource-constraint", text = "The account service is busy. Please try again." };
local LATE = { type = "wait", condition = "remote-server-timeout", text = "The account service did not answer." };
local NO_WAITING = { type = "wait", condition = "service-unavailable", text = "The account service cannot be asked from here." };

local stream; -- the component's authenticated session, nil while there is none
local speaks = false; -- the component has named our namespace on this stream
local registration = "closed";
local invitations = "off";
local flows = {}; -- the stream features of XEP-0389, as the status gave them

local pending, pending_count = {}, 0;

local function finish(id, answer, failure)
	local request = pending[id];
	pending[id], pending_count = nil, pending_count - 1;
	request.timer:stop();
	request.on_answer(answer, failure);
end

local function time_out(_, id)
	if pending[id] then finish(id, nil, LATE); end
end

-- The stanza goes straight to the stream: no other module sees the passwords in it, and it cannot be routed elsewhere.
local function send(kind, payload, on_answer)
	if not stream then return on_answer(nil, AWAY); end
	if pending_count >= max_pending then return on_answer(nil, BUSY); end
	local id = new_id();
	pending[id] = { on_answer = on_answer, timer = module:add_timer(timeout, time_out, id) };
	pending_count = pending_count + 1;
	stream.send(st.iq({ type = kind, id = id, from = module.host, to = component }):add_child(payload));
end

-- Asks and waits; only the calling client's stream stands still meanwhile. Returns the IQ result, or nil and a
-- failure with type, condition and text, where `refused` says that it is Ostiary's own answer.
local function ask(kind, payload)
	if not async.ready() then return nil, NO_WAITING; end
	if not speaks then return nil, AWAY; end
	local wait, done = async.waiter();
	local answer, failure;
	send(kind, payload, function (a, f)
		answer, failure = a, f;
		done();
	end);
	wait();
	return answer, failure;
end

local function take_status(element)
	local said = element and element.attr.registration;
	if said ~= "open" and said ~= "closed" then return false; end
	if said ~= registration then
		module:log("info", "Registration is %s", said);
	end
	registration = said;
	-- An Ostiary from before invitations says nothing about them.
	invitations = element.attr.invitations or "off";
	flows = {};
	for feature in element:childtags(nil, NS_FLOWS) do table.insert(flows, feature); end
	module:set_status("info", "Ostiary is connected, registration is "..said);
	return true;
end

local greet;

local function try_again(greeted)
	module:log("warn", "%s did not answer the greeting, asking again in %d seconds", component, timeout);
	module:add_timer(timeout, function ()
		if stream == greeted then greet(); end
	end);
end

local function has_our_feature(answer)
	local info = answer:get_child("query", NS_DISCO);
	if not info then return false; end
	for feature in info:childtags("feature") do
		if feature.attr.var == NS then return true; end
	end
	return false;
end

-- First the versions that the component speaks, then the status. Nothing else is sent to it before that, least of all a password.
function greet()
	local greeted = stream;
	send("get", st.stanza("query", { xmlns = NS_DISCO }), function (info)
		if stream ~= greeted then return; end
		if not info then return try_again(greeted); end
		if not has_our_feature(info) then
			module:log("error", "%s is connected but does not speak %s: is it Ostiary, and not older or newer than this module?",
				component, NS);
			module:set_status("error", component.." does not speak "..NS);
			return;
		end
		speaks = true;
		send("get", st.stanza("status", { xmlns = NS }), function (answer, failure)
			if stream ~= greeted then return; end
			if failure and failure.refused and failure.condition == "forbidden" then
				module:log("error", "%s does not serve %s: add a [[domain]] with this name to ostiary.toml, "
					.."or take mod_ostiary away from this host", component, module.host);
				module:set_status("error", component.." does not serve "..module.host);
				return;
			end
			if not (answer and take_status(answer:get_child("status", NS))) then try_again(greeted); end
		end);
	end);
end

local function connected(session)
	stream, speaks, registration, invitations = session, false, "closed", "off";
	greet();
end

local function disconnected()
	stream, speaks, registration, invitations = nil, false, "closed", "off";
	module:set_status("warn", "Ostiary is not connected");
	for id in pairs(pending) do finish(id, nil, AWAY); end
end

-- Prosody activates hosts in no particular order, so the component may come after us, or go and come back.
local function watch_component()
	local host = prosody.hosts[component];
	module:hook_object_event(host.events, "component-authenticated", function (event)
		connected(event.session);
	end);
	module:hook_object_event(host.events, "component-disconnected", function (event)
		-- Also fired for streams that never authenticated; those change nothing.
		if event.session ~= stream then return; end
		disconnected();
		module:log("warn", "%s is no longer connected: registration and logins fail until it is back%s", component,
			credential_memory == 0 and "" or (", but for logins by keys of the last %d seconds"):format(credential_memory));
	end);
	local running = host.modules.component;
	if running and running.session then connected(running.session); end
end

if prosody.hosts[component] then watch_component(); end
module:hook_global("host-activated", function (host)
	if host == component then watch_component(); end
end);

local count_forged = module:measure("forged_stanzas", "counter");
local forgery_logged = false;

local function refuse_forged(origin, stanza)
	count_forged(1);
	if not forgery_logged then
		forgery_logged = true;
		module:log("warn", "Refused a stanza that only %s may send; it came from %s. Further ones are counted, not logged.",
			component, stanza.attr.from or origin.type);
	end
	origin.send(st.error_reply(stanza, "auth", "forbidden"));
end

local handlers = {
	status = function (stanza, element)
		if take_status(element) then
			stream.send(st.reply(stanza));
		else
			stream.send(st.error_reply(stanza, "modify", "bad-request"));
		end
	end;
};

-- Every IQ to this host: answers are taken here, and everything in our namespace.
module:hook("iq/host", function (event)
	local origin, stanza = event.origin, event.stanza;
	local kind = stanza.attr.type;
	local authentic = stream and origin == stream and stanza.attr.from == component;
	if kind == "result" or kind == "error" then
		if not (authentic and pending[stanza.attr.id]) then return; end
		if kind == "result" then
			finish(stanza.attr.id, stanza);
		else
			local error_type, condition, text = stanza:get_error();
			if error_type ~= "wait" and condition ~= "not-authorized" then -- neither "busy" nor "wrong password" is news
				module:log("warn", "Ostiary refused a request: %s", condition);
			end
			finish(stanza.attr.id, nil, { type = error_type, condition = condition, text = text, refused = true });
		end
		return true;
	end
	local element = stanza.tags[1];
	if element.attr.xmlns ~= NS then return; end
	local handler = kind == "set" and handlers[element.name];
	if not authentic then
		refuse_forged(origin, stanza);
	elseif handler then
		handler(stanza, element, origin);
	else
		origin.send(st.error_reply(stanza, "cancel", "feature-not-implemented"));
	end
	return true;
end, 100);

return {
	NS = NS;
	ask = ask;
	credential_memory = credential_memory; -- seconds, for mod_auth_ostiary
	is_open = function () return speaks and registration == "open"; end;
	takes_invitations = function () return speaks and invitations ~= "off"; end;
	flows = function () return speaks and flows or {}; end;
	-- The handler gets the IQ set, its element and the stream, and answers it.
	on = function (name, handler) handlers[name] = handler; end;
	close = disconnected;
};
