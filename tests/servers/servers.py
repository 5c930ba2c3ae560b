"""Either server, behind one face: the stories say what they need and look at what happened without knowing which one it is.

A server has `kind`, `domain`, `component`, `secret`, `c2s`, `component_port`, `pid`, `log()`, `logged()`, `stop()`, and `hand`: what
a story does inside of it.
"""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from ejabberd import start_ejabberd
from lab import free_ports, lua_value, start_prosody

KINDS = ("prosody", "ejabberd")


def start_server(kind, folder, certificates, beams, **needs):
    """Starts a server with the modules. `needs` are these, all optional:

    timeout, max_pending, memory
                          options of the module
    tls_required          streams must be encrypted
    others                more hosts, with the same modules
    stranger              another component that may send under any name, on `stranger_port`
    several               the component may connect more than once; the newest connection counts
    peer                  the certificate of another server, which is let in on `s2s_port`
    lab                   False leaves out the tests' own module
    """
    server = (prosody if kind == "prosody" else ejabberd)(folder, certificates, beams, **needs)
    server.hand = (ProsodyHand if kind == "prosody" else EjabberdHand)(server)
    return server


def prosody(folder, certificates, _beams, *, timeout=None, max_pending=None, memory=None, tls_required=False, others=(), stranger=None,
            several=False, peer=None, lab=True):
    host = {"ostiary_component": "broker.example"}
    if timeout:
        host["ostiary_timeout"] = timeout
    if max_pending:
        host["ostiary_max_pending"] = max_pending
    if memory:
        host["ostiary_credential_memory"] = memory
    more = 'component_conflict_resolve = "kick_old"\n' if several else ""
    for other in others:
        more += f'VirtualHost "{other}"\nauthentication = "ostiary"\nmodules_enabled = {{ "ostiary" }}\n'
        more += "ostiary_component = \"broker.example\"\n"
    if stranger:
        more += f'Component "{stranger}"\ncomponent_secret = "lab-secret"\nvalidate_from_addresses = false\n'
    s2s_port = free_ports(1)[0]
    federating = {"modules_disabled": [], "s2s_ports": [s2s_port], "ssl": {"cafile": str(peer)}} if peer else {}
    server = start_prosody(folder, certificates, tls_required=tls_required, host_options=host, more=more,
                           modules=("ostiary", "lab") if lab else ("ostiary",), server_options=federating)
    server.s2s_port = s2s_port
    server.kind, server.stranger_port = "prosody", server.component_port
    return server


def ejabberd(folder, certificates, beams, *, timeout=None, max_pending=None, memory=None, tls_required=False, others=(), stranger=None,
             several=False, peer=None, lab=True):
    options = {}
    if timeout:
        options["timeout"] = timeout
    if max_pending:
        options["max_pending"] = max_pending
    if memory:
        options["credential_memory"] = memory
    port, s2s_port = free_ports(2)
    listen = [{"port": port, "ip": "127.0.0.1", "module": "ejabberd_service", "check_from": False, "shaper": "none",
               "hosts": {stranger: {"password": "lab-secret"}}}] if stranger else []
    federating = {"s2s_use_starttls": "required", "ca_file": str(peer)} if peer else {}
    listen += [{"port": s2s_port, "ip": "127.0.0.1", "module": "ejabberd_s2s_in"}] if peer else []
    server = start_ejabberd(folder, certificates, beams, tls_required=tls_required, host_options=options, others=others,
                            listen=listen, lab=lab, server_options=federating)
    server.stranger_port, server.s2s_port = port, s2s_port
    return server


class ProsodyHand:
    """What a story does inside of Prosody."""

    crash = "traceback"  # what the log holds after an error in a module

    def __init__(self, server):
        self.server = server

    async def lua(self, source):
        return await self.server.lua(source)

    async def events(self):
        """What the server's own modules were told: (event, user name), in order."""
        names = {"user-registering": "registering", "user-registered": "registered"}
        seen = (await self.lua("return lab.events"))[0] or []
        return [(names[event["event"]], event["username"]) for event in seen]

    async def has_roster(self, user):
        return (await self.lua("return require 'core.storagemanager'.open(module.host, 'roster'):get('%s') ~= nil" % user))[0]

    async def reload_module(self):
        await self.lua("return require'core.modulemanager'.reload(module.host, 'ostiary') and true")

    async def _users(self, call):
        return (await self.lua(f"return require 'core.usermanager'.{call}"))[0]

    async def set_password(self, user, password):
        return await self._users(f"set_password({lua_value(user)}, {lua_value(password)}, module.host)")

    async def check_password(self, user, password):
        return await self._users(f"test_password({lua_value(user)}, module.host, {lua_value(password)})")

    async def exists(self, user):
        return await self._users(f"user_exists({lua_value(user)}, module.host)")

    async def remove(self, user):
        return await self._users(f"delete_user({lua_value(user)}, module.host)")

    async def create(self, user, password):
        return await self._users(f"create_user({lua_value(user)}, {lua_value(password)}, module.host)")


class EjabberdHand:
    """What a story does inside of ejabberd."""

    crash = "crashed when running"

    def __init__(self, server):
        self.server = server

    async def events(self):
        seen = await self.server.erlang("mod_lab:events()")
        return [(event[0], event[1]) for event in json.loads(seen)]

    async def has_roster(self, user):
        return await self.server.erlang(f"mod_roster:get_roster({self._user(user)}) /= []") == "true"

    async def reload_module(self):
        host = self._binary(self.server.domain)
        await self.server.erlang(f"ok = gen_mod:stop_module({host}, mod_ostiary), gen_mod:start_module({host}, mod_ostiary)")

    async def fresh(self):
        """Makes a server that has told other stories look like a new one."""
        await self.server.erlang("ets:delete_all_objects(mod_lab)")
        await self.reload_module()
        self.server.read_log_from_here()

    async def set_password(self, user, password):
        return await self.server.erlang(f"ejabberd_auth:set_password({self._user(user)}, {self._binary(password)})") == "ok"

    async def check_password(self, user, password):
        return await self.server.erlang(f"ejabberd_auth:check_password({self._binary(user)}, <<>>, "
                                        f"{self._binary(self.server.domain)}, {self._binary(password)})") == "true"

    async def exists(self, user):
        return await self.server.erlang(f"ejabberd_auth:user_exists({self._user(user)})") == "true"

    async def remove(self, user):
        return await self.server.erlang(f"ejabberd_auth:remove_user({self._user(user)})") == "ok"

    async def create(self, user, password):
        return await self.server.erlang(f"ejabberd_auth:try_register({self._user(user)}, {self._binary(password)})") == "ok"

    def _user(self, user):
        return f"{self._binary(user)}, {self._binary(self.server.domain)}"

    @staticmethod
    def _binary(text):
        return "<<" + ",".join(str(byte) for byte in text.encode()) + ">>"


class Servers:
    """Starts servers for stories and ends them. An ejabberd takes its time, so those that are alike are used again."""

    def __init__(self, folder, certificates, beams):
        self.folder, self.certificates, self.beams = folder, certificates, beams
        self.kept, self.count = {}, 0

    def new(self, kind, **needs):
        self.count += 1
        return start_server(kind, self.folder / f"{kind}-{self.count}", self.certificates, self.beams, **needs)

    def alike(self, kind, **needs):
        """A server that other stories may have used."""
        key = (kind, *sorted(needs.items()))
        server = self.kept.get(key)
        if server is None or server.process.poll() is not None:
            server = self.kept[key] = self.new(kind, **needs)
        with ThreadPoolExecutor(1) as thread:  # stories that run in a loop of their own ask for servers, too
            thread.submit(lambda: asyncio.run(server.hand.fresh())).result()
        return server

    def stop(self):
        for server in self.kept.values():
            server.stop()
