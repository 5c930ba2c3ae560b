-- Keys that are good for a short, configured time while Ostiary is away (docs/link.md of Ostiary, section 3.5): what it said
-- about accounts when logins began. In memory only; whoever can ask Ostiary does not look here.

local encode = require "util.encodings".base64.encode;
local hmac_sha256 = require "util.hashes".hmac_sha256;
local new_cache = require "util.cache".new;
local random_bytes = require "util.random".bytes;
local st = require "util.stanza";

local MOST = 1000; -- accounts; the oldest go first

local link = module:depends("ostiary").link;
local seconds = link.credential_memory;
local secret = random_bytes(32);
local changes = 0; -- notices so far
local shape = {}; -- mechanisms and iterations of the last answer; nothing changes it while Ostiary is away

local entries = new_cache(MOST, function (_, entry) entry.timer:stop(); end);

local function forget(username)
	local entry = entries:get(username);
	if not entry then return; end
	entry.timer:stop();
	entries:set(username, nil);
end

-- An answer that was asked for before a notice may tell of the time before the change.
local function keep(username, account, changes_before)
	if seconds == 0 or changes ~= changes_before then return; end
	forget(username); -- else it would keep its place among the oldest, and its time
	entries:set(username, {
		account = account;
		timer = module:add_timer(seconds, function () entries:set(username, nil); end);
	});
	shape = {};
	for scram in account:childtags("scram") do
		table.insert(shape, { mechanism = scram.attr.mechanism, iterations = scram.attr.iterations });
	end
end

local function unprovable(scram)
	scram["stored-key"], scram["server-key"] = encode(random_bytes(32)), encode(random_bytes(32));
	return scram;
end

-- For a name that is not remembered, so that a challenge does not tell whose login Ostiary has seen a short while ago. The
-- salts are the same at every question, and look like those of Ostiary.
local function made_up(username)
	if entries:count() == 0 then return nil; end
	local account = st.stanza("credentials", { xmlns = link.NS, user = username, state = "active" });
	for _, kind in ipairs(shape) do
		local salt = encode(hmac_sha256(secret, kind.mechanism.."\0"..username):sub(1, 16)):gsub("=", "");
		account:tag("scram", unprovable({
			mechanism = kind.mechanism, iterations = kind.iterations, salt = encode(salt);
		})):up();
	end
	return account;
end

-- The account element, possibly with keys that nobody can prove, or nil while nothing at all is remembered.
local function find(username)
	local entry = entries:get(username);
	return entry and entry.account or made_up(username);
end

-- One wrong proof for each account: nobody else counts them while Ostiary is away. The salt stays, or it would tell
-- that there had been keys.
local function spend(username)
	local entry = entries:get(username);
	if not entry then return; end
	entry.spent = true;
	for scram in entry.account:childtags("scram") do unprovable(scram.attr); end
end

-- Whether a proof by keys that were found earlier still counts. Otherwise many wrong ones could be begun side by side.
local function is_good(username)
	local entry = entries:get(username);
	return entry ~= nil and not entry.spent;
end

module:hook("ostiary-account-told", function (event)
	changes = changes + 1;
	forget(event.username);
end);

return {
	changes = function () return changes; end;
	keep = keep, find = find, spend = spend, is_good = is_good;
};
