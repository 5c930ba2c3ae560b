-- mod_auth_ostiary: asks Ostiary whether somebody may log in. Keeps no password and no list of accounts, and no key unless
-- ostiary_credential_memory says for how long.

local equals = require "util.hashes".equals;
local hashers = require "util.sasl.scram".hashers;
local new_sasl = require "util.sasl".new;
local st = require "util.stanza";
local unbase64 = require "util.encodings".base64.decode;

local link = module:depends("ostiary").link;
local memory = module:require("memory");

local NS = link.NS;
local NS_SASL = "urn:ietf:params:xml:ns:xmpp-sasl";

local provider = {};

local function request(name, username, attributes)
	local element = st.stanza(name, { xmlns = NS, user = username });
	for key, value in pairs(attributes or {}) do element.attr[key] = value; end
	return element;
end

-- Returns the wanted child of the answer, or nil and the failure.
local function ask(kind, element, wanted)
	local answer, failure = link.ask(kind, element);
	local child = answer and answer:get_child(wanted, NS);
	if child then return child; end
	if answer then module:log("error", "Ostiary gave a malformed answer to %s", element.name); end
	return nil, failure or { type = "wait", condition = "internal-server-error", text = "The account service gave no answer." };
end

-- ---------------------------------------------------------------- Logging in

local scram_mechanisms = { scram_sha_1 = "SCRAM-SHA-1", scram_sha_256 = "SCRAM-SHA-256" };

local TEMPORARY = { "temporary-auth-failure", "The account service is not available. Please try again later." };
local NO_KEYS = { "invalid-mechanism", "This mechanism is not available, please use PLAIN." };
-- Those that PLAIN is checked by while Ostiary is away, the better one first.
local scram_hashes = { "SHA-256", "SHA-1" };
local inactive_states = { pending = true, suspended = true };

-- Prosody's mechanisms only know "right", "wrong" and "disabled" without a text. So what is to be said instead
-- is left on the handler: `verdict` takes the place of a failure, `inactive` of a success. `remembered` is the name whose
-- keys came from memory.
local function take_account(handler, account)
	handler.username = account.attr.user or handler.username;
	if account.attr.state == "active" then return true; end
	if inactive_states[account.attr.state] then
		handler.inactive = { "account-disabled", account:get_child_text("text") };
		return true;
	end
	module:log("error", "Ostiary named the unknown account state %q", account.attr.state);
	handler.verdict = TEMPORARY;
	return false;
end

local keys_for, check_remembered;

-- Ostiary has not answered at all, as opposed to: has no time, or says no.
local function is_away(failure)
	return not failure.refused
		and (failure.condition == "service-unavailable" or failure.condition == "remote-server-timeout");
end

local function check_plain(handler, session, username, password)
	local question = request("authenticate", username, { address = session.ip, lang = session.ostiary_language })
		:text_tag("password", password);
	local account, failure = ask("set", question, "authenticated");
	if account then return take_account(handler, account); end
	if is_away(failure) then return check_remembered(handler, username, password); end
	if not (failure.refused and failure.condition == "not-authorized") then handler.verdict = TEMPORARY; end
	return false;
end

-- The derivation takes some milliseconds, in which Prosody does nothing else; so it is with accounts of its own.
function check_remembered(handler, username, password)
	local account = memory.find(username);
	if not account then
		handler.verdict = TEMPORARY;
		return false;
	end
	handler.remembered = username;
	for _, hash in ipairs(scram_hashes) do
		local keys = keys_for(account, "SCRAM-"..hash);
		if keys then
			local done, stored = hashers[hash](password, keys.salt, keys.iterations);
			return done and equals(stored, keys.stored) and take_account(handler, account);
		end
	end
	return false;
end

function keys_for(account, mechanism)
	for scram in account:childtags("scram") do
		if scram.attr.mechanism == mechanism then
			local keys = {
				stored = unbase64(scram.attr["stored-key"] or ""), server = unbase64(scram.attr["server-key"] or "");
				salt = unbase64(scram.attr.salt or ""), iterations = tonumber(scram.attr.iterations);
			};
			if keys.stored and keys.server and keys.salt and keys.iterations then return keys; end
		end
	end
end

local function look_up(handler, session, username)
	local changes = memory.changes();
	local account, failure = ask("get", request("credentials", username, { lang = session.ostiary_language }), "credentials");
	if account then
		memory.keep(username, account, changes);
	elseif is_away(failure) then
		account = memory.find(username);
		handler.remembered = account and username;
	end
	return account;
end

local function find_keys(handler, session, username, mechanism)
	local account = look_up(handler, session, username);
	if not account then
		handler.verdict = TEMPORARY;
		return nil;
	end
	local keys = keys_for(account, mechanism);
	if not keys then handler.verdict = NO_KEYS; end
	return keys and take_account(handler, account) and keys;
end

-- SCRAM exchanges that have got their keys and wait for the client's proof -> prepared user name.
-- The keys must not outlive a change of the account, however long the client takes.
local challenged = setmetatable({}, { __mode = "k" });

-- Keys of an active account stay right when it becomes active: a client that logs in as soon as it has registered
-- may well be faster than the notice of its registration.
local activations = { activated = true, resumed = true };

module:hook("ostiary-account-changed", function (event)
	for handler, username in pairs(challenged) do
		if username == event.username and (handler.inactive or not activations[event.change]) then
			handler.inactive = TEMPORARY;
		end
	end
end);

local function with_verdicts(handler)
	local process, clean_clone = handler.process, handler.clean_clone;
	function handler:process(message)
		local status, result, text = process(self, message);
		challenged[self] = status == "challenge" and self.username or nil;
		local instead = status == "failure" and self.verdict or status == "success" and self.inactive;
		if status == "failure" and self.remembered and not instead then
			-- Whether the proof or the memory was wrong, Ostiary will say when it is back.
			memory.spend(self.remembered);
			instead = TEMPORARY;
		elseif status == "success" and self.remembered and not memory.is_good(self.remembered) then
			instead = TEMPORARY;
		end
		if instead then return "failure", instead[1], instead[2]; end
		return status, result, text;
	end
	function handler:clean_clone()
		local clone = with_verdicts(clean_clone(self));
		clone.userdata = self.userdata; -- without it, channel binding fails for ever after one wrong password (0.12)
		return clone;
	end
	return handler;
end

function provider.get_sasl_handler(session)
	local profile = {
		plain_test = function (handler, username, password)
			return check_plain(handler, session, username, password), true;
		end;
	};
	for backend, mechanism in pairs(scram_mechanisms) do
		profile[backend] = function (handler, username)
			local keys = find_keys(handler, session, username, mechanism);
			if not keys then return nil; end
			return keys.stored, keys.server, keys.iterations, keys.salt, true;
		end;
	end
	return with_verdicts(new_sasl(module.host, profile));
end

-- The handler is not given the stanza, and with it the language that the client wants.
module:hook("stanza/"..NS_SASL..":auth", function (event)
	event.origin.ostiary_language = event.stanza.attr["xml:lang"];
end, 10);

-- ---------------------------------------------------------------- What Prosody's modules ask

-- Where the sender's stream cannot wait (other components), and while Ostiary is away, the answer is yes:
-- a stored message can be thrown away later, a refused one is lost.
function provider.user_exists(username)
	local account = ask("get", request("account", username), "account");
	return not account or account.attr.exists ~= "false";
end

function provider.test_password(username, password)
	local question = request("authenticate", username):text_tag("password", password);
	local account, failure = ask("set", question, "authenticated");
	if account and account.attr.state == "active" then return true; end
	return nil, failure and failure.text or "not-authorized";
end

-- Asked by Prosody 13.0.
function provider.get_account_info(username)
	local account, failure = ask("get", request("account", username), "account");
	if not account then return nil, failure.text or failure.condition; end
	if account.attr.exists ~= "true" then return nil, "There is no such account."; end
	local credentials;
	credentials, failure = ask("get", request("credentials", username), "credentials");
	if not credentials then return nil, failure.text or failure.condition; end
	return { enabled = credentials.attr.state == "active" };
end

function provider.is_enabled(username)
	local info, problem = provider.get_account_info(username);
	if not info then return nil, problem; end
	return info.enabled;
end

local function change(element)
	local answer, failure = link.ask("set", element);
	if answer then return true; end
	return nil, failure.text or failure.condition;
end

function provider.set_password(username, password)
	return change(request("set-password", username):text_tag("password", password));
end

function provider.delete_user(username)
	return change(request("remove", username));
end

function provider.create_user()
	return nil, "Accounts are made by registration, or with: ostiary account add";
end

-- The link has no list of accounts; it is on Ostiary's side: ostiary account list
function provider.users()
	return function () return nil; end;
end

module:provides("auth", provider);
