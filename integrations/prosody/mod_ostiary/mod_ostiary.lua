-- mod_ostiary: lets Ostiary decide about the accounts of this host.
-- Carries in-band registration to it and acts on what it says about accounts. Decides and stores nothing.

local async = require "util.async";
local jid_split = require "util.jid".split;
local new_cache = require "util.cache".new;
local new_id = require "util.id".medium;
local nodeprep = require "util.encodings".stringprep.nodeprep;
local st = require "util.stanza";
local rostermanager = require "core.rostermanager";
local storagemanager = require "core.storagemanager";
local usermanager = require "core.usermanager";

link = module:require("link"); -- global on purpose: mod_auth_ostiary asks through it

local NS = link.NS;
local NS_CLIENT = "jabber:client";
local NS_DATA = "jabber:x:data";
local NS_SIGNATURE = "urn:xmpp:xdata:signature:oauth1"; -- XEP-0348 section 4: the broker takes signed forms
local NS_FLOWS = "urn:xmpp:register:0"; -- XEP-0389
local NS_FEATURE = "http://jabber.org/features/iq-register";
local NS_INVITE_OLD = "urn:xmpp:invite"; -- yaxim and Siskin look for this one
local NS_PREAUTH = "urn:xmpp:pars:0";
local NS_REGISTER = "jabber:iq:register";
local NS_TOKEN = "urn:xmpp:ibr-token:0";

-- Above Prosody's own registration modules (0), below modules that filter or redirect registrations (10).
local PRIORITY = 5;
local LONGEST_LANGUAGE_TAG = 35; -- RFC 5646 §4.4.1

local subscribe_invited = module:get_option_boolean("ostiary_subscribe_invited", true);
local require_encryption = module:get_option_boolean("c2s_require_encryption",
	module:get_option_boolean("require_encryption", true));

-- ---------------------------------------------------------------- Prosody's own registration modules

local rivals = {
	register_ibr = { level = "error";
		text = "mod_register_ibr is loaded too and announces registration even when Ostiary has closed it: "
			.."remove \"register_ibr\" from modules_enabled and allow_registration from the configuration" };
	user_account_management = { level = "warn";
		text = "mod_user_account_management is loaded too, Ostiary takes its requests: remove \"register\" "
			.."and \"user_account_management\" from modules_enabled, or add both to modules_disabled" };
};

local function tell_about_rival(name)
	local rival = rivals[name];
	if rival then module:log(rival.level, "%s", rival.text); end
end

for name in pairs(prosody.hosts[module.host].modules) do tell_about_rival(name); end
module:hook("module-loaded", function (event) tell_about_rival(event.module); end);

-- As mod_register_ibr does, so that the operator's registration limits keep holding.
pcall(module.depends, module, "register_limits");

-- ---------------------------------------------------------------- Prosody's own events

-- Names of accounts on their way: where a pending one came from, or that "user-registered" has been
-- fired for it. In memory only; losing it costs the address in a notification.
local registrations = new_cache(1000);

local function fire_registered(username, session, address)
	local known = registrations:get(username);
	if known and known.fired then return; end
	registrations:set(username, { fired = true });
	module:log("info", "User account is active: %s@%s", username, module.host);
	module:fire_event("user-registered", {
		username = username, host = module.host, source = "mod_ostiary";
		session = session, ip = address or known and known.address;
	});
end

-- An account that is still pending cannot read a welcome message; it is announced when it becomes active.
local function note_registered(registered, session)
	local username = registered.attr.user;
	if registered.attr.state == "active" then
		fire_registered(username, session, session.ip);
	else
		registrations:set(username, { address = session.ip });
	end
end

-- ---------------------------------------------------------------- Notices: what happened to an account

-- Streams that have logged in and not bound a resource yet. Prosody does not count them as sessions of the user,
-- and they may stay like that for as long as they want.
local unbound = setmetatable({}, { __mode = "k" });
module:hook("authentication-success", function (event) unbound[event.session] = true; end);
module:hook("resource-bind", function (event) unbound[event.session] = nil; end);

local function close_unbound(username, reason)
	for session in pairs(unbound) do
		if session.username == username and session.type == "c2s_unbound" then session:close(reason); end
	end
end

local function close_sessions(username, reason)
	local user = prosody.hosts[module.host].sessions[username];
	local open = {};
	for _, session in pairs(user and user.sessions or {}) do table.insert(open, session); end
	for _, session in ipairs(open) do session:close(reason); end
	close_unbound(username, reason);
end

local function kept_resource(username, keep)
	local node, host, resource = jid_split(keep);
	if node == username and host == module.host then return resource; end
end

-- What both would have got by asking each other and agreeing (RFC 6121 §3.1). Doing it again changes nothing.
local function subscribe(username, to_username)
	local host = module.host;
	local user, contact = username.."@"..host, to_username.."@"..host;
	rostermanager.set_contact_pending_out(username, host, contact);
	rostermanager.set_contact_pending_in(to_username, host, user);
	rostermanager.subscribed(to_username, host, user);
	rostermanager.process_inbound_subscription_approval(username, host, contact);
end

-- XEP-0401 §4.5: the inviter's clients are told at once.
local function become_contacts(username, inviter)
	local inviter_name, inviter_host = jid_split(inviter);
	if not subscribe_invited or not inviter_name or inviter_name == username then return; end
	if inviter_host ~= module.host or not usermanager.user_exists(inviter_name, module.host) then
		module:log("debug", "%s was invited by %s, who is nobody here", username, inviter);
		return;
	end
	subscribe(username, inviter_name);
	subscribe(inviter_name, username);
	rostermanager.roster_push(username, module.host, inviter_name.."@"..module.host);
	rostermanager.roster_push(inviter_name, module.host, username.."@"..module.host);
end

local actions = {
	activated = function (username, notice)
		if notice.attr.inviter then become_contacts(username, notice.attr.inviter); end
		fire_registered(username);
	end;
	["password-changed"] = function (username, notice)
		prosody.events.fire_event("user-password-changed",
			{ username = username, host = module.host, resource = kept_resource(username, notice.attr.keep) });
		close_unbound(username, { condition = "reset", text = "Password changed" });
	end;
	suspended = function (username, notice)
		close_sessions(username, { condition = "not-authorized", text = notice:get_child_text("text") });
		prosody.events.fire_event("user-disabled", { username = username, host = module.host }); -- known since 13.0
	end;
	resumed = function (username)
		prosody.events.fire_event("user-enabled", { username = username, host = module.host }); -- known since 13.0
	end;
	deleted = function (username)
		registrations:set(username, nil);
		prosody.events.fire_event("user-deleted", { username = username, host = module.host }); -- closes the sessions
		close_unbound(username, { condition = "not-authorized", text = "Account deleted" });
		storagemanager.purge(username, module.host);
	end;
};

local function act(job)
	local change = job.notice.attr.event;
	module:fire_event("ostiary-account-changed", { username = job.username, change = change }); -- for mod_auth_ostiary
	actions[change](job.username, job.notice);
end

-- A runner gives the handlers of Prosody's events the async context that a component's stream does not have,
-- and keeps the order of the notices.
local acting = async.runner(function (job)
	local ok, problem = pcall(act, job);
	if not ok then
		module:log("error", "Could not act on %q for %s: %s", job.notice.attr.event, job.username, problem);
	end
	if job.stream.destroyed then return; end -- Ostiary will say it again
	job.stream.send(ok and st.reply(job.stanza) or st.error_reply(job.stanza, "wait", "internal-server-error"));
end);

-- Notices about a user wait until those requests of the user that are on their way have been answered (XEP-0077 §3.2).
-- They wait for no later ones, or a client could keep its own suspension away by asking again and again.
local waiting = {}; -- prepared user name -> { stanzas = set of what is on its way, jobs = notices in their order }

local function settle(username)
	local user = waiting[username];
	while user.jobs[1] and not next(user.jobs[1].waits_for) do
		acting:run(table.remove(user.jobs, 1));
	end
	if not user.jobs[1] and not next(user.stanzas) then waiting[username] = nil; end
end

local function waiting_for(username)
	waiting[username] = waiting[username] or { stanzas = {}, jobs = {} };
	return waiting[username];
end

local function hold_notices(username, stanza)
	waiting_for(username).stanzas[stanza] = true;
end

local function release_notices(username, stanza)
	local user = waiting[username];
	user.stanzas[stanza] = nil;
	for _, job in ipairs(user.jobs) do job.waits_for[stanza] = nil; end
	settle(username);
end

local function take_notice(username, job)
	local user = waiting_for(username);
	for stanza in pairs(user.stanzas) do job.waits_for[stanza] = true; end
	table.insert(user.jobs, job);
	settle(username);
end

link.on("account-changed", function (stanza, notice, stream)
	local username = nodeprep(notice.attr.user or "");
	if not username or username == "" then
		stream.send(st.error_reply(stanza, "modify", "bad-request"));
		return;
	end
	-- For the memory of mod_auth_ostiary: at once, whatever the notice has to wait for.
	module:fire_event("ostiary-account-told", { username = username });
	if not actions[notice.attr.event] then
		module:log("error", "Ostiary told of %q, which this version of the module does not know", notice.attr.event);
		stream.send(st.error_reply(stanza, "cancel", "feature-not-implemented"));
	else
		take_notice(username, { username = username, notice = notice, stanza = stanza, stream = stream, waits_for = {} });
	end
end);

-- ---------------------------------------------------------------- Carrying a client's stanza

-- Prosody keeps no xmlns on elements that have the stream's. Inside of another element they would take over that
-- element's namespace, so that Ostiary would read something else than the modules here have checked.
local function write_out_namespaces(element)
	element.attr.xmlns = element.attr.xmlns or NS_CLIENT;
	for _, child in ipairs(element.tags) do write_out_namespaces(child); end
	return element;
end

-- Programs that sign forms (XEP-0348) try to log in before they ask for one.
local tried_login = setmetatable({}, { __mode = "k" });
module:hook("authentication-failure", function (event) tried_login[event.session] = true; end);

local function client_context(session, stanza)
	-- An id of our own: BOSH sessions have none before login, and others are made from memory addresses.
	session.ostiary_session = session.ostiary_session or new_id();
	local language = stanza.attr["xml:lang"];
	return {
		address = session.ip;
		session = session.ostiary_session;
		secure = session.secure and "true" or "false";
		lang = language and #language <= LONGEST_LANGUAGE_TAG and language or nil;
		jid = session.full_jid;
		["tried-login"] = tried_login[session] and "true" or nil;
		ticket = session.ostiary_ticket;
	};
end

-- The numbers that old clients look for (XEP-0077 §9, XEP-0086). Ostiary's own answers have theirs.
local CODES = {
	["bad-request"] = "400", ["unexpected-request"] = "400", ["not-authorized"] = "401", ["forbidden"] = "403";
	["item-not-found"] = "404", ["not-allowed"] = "405", ["not-acceptable"] = "406", ["policy-violation"] = "406";
	["registration-required"] = "407", ["conflict"] = "409", ["internal-server-error"] = "500";
	["resource-constraint"] = "500", ["feature-not-implemented"] = "501", ["service-unavailable"] = "503";
	["remote-server-timeout"] = "504";
};

local function error_reply(stanza, error_type, condition, text)
	local reply = st.error_reply(stanza, error_type, condition, text);
	reply:get_child("error").attr.code = CODES[condition];
	return reply;
end

local function to_reply(stanza, id, answer, failure)
	if failure and not failure.refused then
		return error_reply(stanza, failure.type, failure.condition, failure.text);
	end
	local carry = answer and answer:get_child("carry", NS);
	local inner = carry and carry:get_child("iq", NS_CLIENT);
	local kind = inner and inner.attr.id == id and inner.attr.type;
	if kind ~= "result" and kind ~= "error" then
		if answer then module:log("error", "Ostiary gave a malformed answer to a carried stanza"); end
		return error_reply(stanza, "wait", "internal-server-error");
	end
	local reply = st.reply(stanza);
	reply.attr.type, reply.attr["xml:lang"] = kind, inner.attr["xml:lang"];
	for _, child in ipairs(inner.tags) do
		if child.attr.xmlns == NS_CLIENT then child.attr.xmlns = nil; end
		reply:add_child(child);
	end
	return reply, carry:get_child("registered"), carry:get_child("accepted");
end

local function deliver(session, stanza, id, answer, failure)
	local reply, registered, accepted = to_reply(stanza, id, answer, failure);
	-- What Ostiary wants to see again with everything that this stream sends from now on; opaque here.
	if accepted then session.ostiary_ticket = accepted.attr.ticket; end
	if session.type == "c2s_unauthed" then reply.attr.to = nil; end
	if not session.destroyed then session.send(reply); end
	if registered then note_registered(registered, session); end
end

local function ask_about(session, inner)
	return link.ask("set", st.stanza("carry", { xmlns = NS })
		:tag("client", client_context(session, inner)):up()
		:add_child(inner));
end

local function carry(session, stanza)
	local inner = write_out_namespaces(st.clone(stanza));
	inner.attr.from, inner.attr.to = nil, nil;
	-- Before login Prosody lets a request without an id pass; clients built on XMPPFramework register with one.
	inner.attr.id = inner.attr.id or new_id();
	local answer, failure = ask_about(session, inner);
	-- An error in somebody's event handler must not end the stream, or keep notices waiting for ever.
	local ok, problem = pcall(deliver, session, stanza, inner.attr.id, answer, failure);
	if not ok then module:log("error", "Could not deliver an answer: %s", problem); end
end

-- ---------------------------------------------------------------- Before login

module:hook("stream-features", function (event)
	local session, features = event.origin, event.features;
	if session.type ~= "c2s_unauthed" or (require_encryption and not session.secure) then return; end
	if link.takes_invitations() then
		features:tag("register", { xmlns = NS_TOKEN }):up();
		features:tag("register", { xmlns = NS_INVITE_OLD }):up();
	end
	if not link.is_open() or features:get_child("register", NS_FEATURE) then return; end
	features:tag("register", { xmlns = NS_FEATURE }):up();
end, -PRIORITY); -- after mod_register_ibr, to not announce twice

-- The text around any children, without blanks at its ends: what Ostiary reads. In two steps, each of them linear.
local function text_of(element)
	local parts = {};
	for _, node in ipairs(element) do
		if type(node) == "string" then table.insert(parts, node); end
	end
	return table.concat(parts):gsub("^[ \t\r\n]+", ""):match("^.*[^ \t\r\n]") or "";
end

local function first_text(parent, name)
	for child in parent:childtags(name) do
		local text = text_of(child);
		if text ~= "" then return text; end
	end
end

-- The same place as in docs/link.md: the form if there is one, else the elements; the first that is not empty.
local function username_in(query)
	local form = query:get_child("x", NS_DATA);
	if not form then return first_text(query, "username"); end
	for field in form:childtags("field") do
		local text = field.attr.var == "username" and first_text(field, "value");
		if text then return text; end
	end
end

-- Fired for every attempt, so that limits by address hold even if no name can be read. Returns the refusal of a module.
local function veto(session, username)
	local attempt = {
		username = username, host = module.host, ip = session.ip;
		session = session, additional = {}, allowed = true;
	};
	module:fire_event("user-registering", attempt);
	if attempt.allowed then return nil; end
	local refusal = attempt.error
		or { type = attempt.error_type, condition = attempt.error_condition, text = attempt.reason }; -- COMPAT before util.error
	return { type = refusal.type or "modify", condition = refusal.condition or "not-acceptable", text = refusal.text };
end

local function refuse(session, stanza, error_type, condition, text)
	local reply = error_reply(stanza, error_type, condition, text);
	reply.attr.to = nil;
	session.send(reply);
	return true;
end

-- Whether a stanza of a stranger cannot be carried and has been answered.
local function refused_before_login(session, stanza)
	-- The event is fired on the host that the stanza is addressed to, which need not be the one of the stream.
	if session.type ~= "c2s_unauthed" or session.host ~= module.host then
		return refuse(session, stanza, "cancel", "service-unavailable");
	elseif require_encryption and not session.secure then
		return refuse(session, stanza, "modify", "policy-violation", "Encryption is required");
	elseif #stanza.tags ~= 1 then
		return refuse(session, stanza, "modify", "bad-request");
	end
	return false;
end

module:hook("stanza/iq/"..NS_REGISTER..":query", function (event)
	local session, stanza = event.origin, event.stanza;
	if not session.type:find("^c2s") then return; end
	if refused_before_login(session, stanza) then return true; end
	if stanza.attr.type == "set" then
		local refusal = veto(session, nodeprep(username_in(stanza.tags[1]) or "") or "");
		if refusal then return refuse(session, stanza, refusal.type, refusal.condition, refusal.text); end
	end
	carry(session, stanza);
	return true;
end, PRIORITY);

-- XEP-0445 §4: the token of an invitation, shown before the registration.
module:hook("stanza/iq/"..NS_PREAUTH..":preauth", function (event)
	local session, stanza = event.origin, event.stanza;
	if session.type ~= "c2s_unauthed" then return; end
	if refused_before_login(session, stanza) then return true; end
	carry(session, stanza);
	return true;
end, PRIORITY);

-- ---------------------------------------------------------------- Flows (XEP-0389): elements that are no stanzas

module:hook("stream-features", function (event)
	local session, features = event.origin, event.features;
	-- XEP-0389 section 6.1: not before a security layer, whatever else may be had without one.
	if session.type ~= "c2s_unauthed" or not session.secure then return; end
	for _, feature in ipairs(link.flows()) do features:add_child(st.clone(feature)); end
end, -PRIORITY);

local function send_cancel(session)
	session.send(st.stanza("cancel", { xmlns = NS_FLOWS }));
end

local function deliver_flow(session, element, inner, answer, failure)
	local reply, registered = to_reply(inner, inner.attr.id, answer, failure);
	if registered then note_registered(registered, session); end
	if session.destroyed then return; end
	local said = reply.attr.type == "result" and reply.tags[1];
	local _, condition = reply:get_error();
	if said then
		session.send(st.clone(said));
	elseif condition == "item-not-found" and element.name ~= "response" then
		session:close({ condition = "undefined-condition", extra = st.stanza("invalid-flow", { xmlns = NS_FLOWS }) });
	elseif reply.attr.type == "error" then
		send_cancel(session);
	end
end

local function carry_flow(event)
	local session, element = event.origin, event.stanza;
	-- Anything else is a stream error, as for every element that was not offered.
	if session.type ~= "c2s_unauthed" or session.host ~= module.host or not session.secure then return; end
	local username = element.name == "response" and username_in(element);
	if username and veto(session, nodeprep(username) or "") then
		send_cancel(session); -- there is no place for the words of the refusal
		return true;
	end
	local inner = write_out_namespaces(st.iq({ type = "set", id = new_id(), ["xml:lang"] = element.attr["xml:lang"] })
		:add_child(st.clone(element)));
	local answer, failure = ask_about(session, inner);
	local ok, problem = pcall(deliver_flow, session, element, inner, answer, failure);
	if not ok then module:log("error", "Could not deliver an answer: %s", problem); end
	return true;
end

for _, name in ipairs({ "register", "recovery", "response" }) do
	module:hook("stanza/"..NS_FLOWS..":"..name, carry_flow, PRIORITY);
end

-- Nothing is held for a client, so nothing has to be forgotten.
module:hook("stanza/"..NS_FLOWS..":cancel", function (event)
	return event.origin.type == "c2s_unauthed" or nil;
end, PRIORITY);

-- ---------------------------------------------------------------- After login

module:add_feature(NS_REGISTER);
module:add_feature(NS_FLOWS);
module:add_feature(NS_SIGNATURE);

local function after_login(event)
	local session, stanza = event.origin, event.stanza;
	-- Sessions of other hosts can write to this one, too.
	if session.type ~= "c2s" or session.host ~= module.host then return; end
	local username = session.username; -- the session may be gone when the answer comes
	hold_notices(username, stanza);
	carry(session, stanza);
	release_notices(username, stanza);
	return true;
end

for _, name in ipairs({ "register", "recovery", "response", "cancel" }) do
	module:hook("iq/self/"..NS_FLOWS..":"..name, after_login, PRIORITY);
	module:hook("iq/host/"..NS_FLOWS..":"..name, after_login, PRIORITY);
end
module:hook("iq/self/"..NS_REGISTER..":query", after_login, PRIORITY);
module:hook("iq/host/"..NS_REGISTER..":query", after_login, PRIORITY);

-- Clients built on Martin (Siskin, Beagle) send to their own full JID, where Prosody would hand the request back to them.
module:hook("iq/full", function (event)
	local session, stanza = event.origin, event.stanza;
	local kind, payload = stanza.attr.type, stanza.tags[1];
	if stanza.attr.to ~= session.full_jid or (kind ~= "get" and kind ~= "set") then return; end
	if payload.name == "query" and payload.attr.xmlns == NS_REGISTER then return after_login(event); end
end, PRIORITY);

function module.unload()
	link.close();
end
