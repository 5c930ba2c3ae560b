%% The tests' hand inside of ejabberd: writes down its registration events, refuses names that start with "vetoed", and
%% runs Erlang that a test has put into a file.
-module(mod_lab).
-behaviour(gen_mod).

-export([start/2, stop/1, depends/2, mod_options/1, mod_opt_type/1, mod_doc/0]).
-export([registering/4, registered/2, removed/2, events/0]).

start(Host, Options) ->
    ejabberd_hooks:add(check_register_user, Host, ?MODULE, registering, 50),
    ejabberd_hooks:add(register_user, Host, ?MODULE, registered, 50),
    ejabberd_hooks:add(remove_user, Host, ?MODULE, removed, 50),
    Path = binary_to_list(maps:get(path, Options)),
    spawn(fun() ->
        ets:new(?MODULE, [named_table, public, ordered_set]),
        loop(Path)
    end),
    ok.

stop(_Host) -> ok.
depends(_Host, _Options) -> [].
mod_options(_Host) -> [{path, <<>>}].
mod_opt_type(path) -> econf:binary().
mod_doc() -> #{}.

registering(Allowed, User, Host, _Password) ->
    keep("registering", User, Host),
    Allowed andalso binary:match(User, <<"vetoed">>) /= {0, 6}.

registered(User, Host) -> keep("registered", User, Host).
removed(User, Host) -> keep("removed", User, Host).

keep(Event, User, Host) ->
    ets:insert(?MODULE, {erlang:unique_integer([monotonic]), [Event, binary_to_list(User), binary_to_list(Host)]}).

events() -> [Event || {_, Event} <- ets:tab2list(?MODULE)].

loop(Path) ->
    case file:read_file(Path ++ ".in") of
        {ok, Source} ->
            file:delete(Path ++ ".in"),
            ok = file:write_file(Path ++ ".tmp", run(binary_to_list(Source))),
            file:rename(Path ++ ".tmp", Path ++ ".out");
        _ ->
            ok
    end,
    timer:sleep(10),
    loop(Path).

run(Source) ->
    try
        {ok, Tokens, _} = erl_scan:string(Source ++ "."),
        {ok, Expressions} = erl_parse:parse_exprs(Tokens),
        {value, Value, _} = erl_eval:exprs(Expressions, []),
        unicode:characters_to_binary(io_lib:format("ok ~0tp", [Value]))
    catch
        Class:Reason -> unicode:characters_to_binary(io_lib:format("error ~0tp", [{Class, Reason}]))
    end.
