%% What the server does when Ostiary says that something happened to an account (docs/link.md of Ostiary, section 4).
-module(mod_ostiary_accounts).

-export([knows/1, reason/2, act/4, announce/2]).

-include("logger.hrl").
-include("xmpp.hrl").

%% How long closed sessions may take to end before the data of a removed account is purged all the same.
-define(ENDED_WITHIN, 5000).

-spec knows(binary()) -> boolean().
knows(Event) ->
    lists:member(Event, [<<"activated">>, <<"password-changed">>, <<"suspended">>, <<"resumed">>, <<"deleted">>]).

%% The stream error for the sessions that an event closes, or none.
-spec reason(binary(), xmlel()) -> none | stream_error().
reason(<<"password-changed">>, _) -> stream_error('reset', <<"Password changed">>);
reason(<<"suspended">>, Notice) -> stream_error('not-authorized', fxml:get_path_s(Notice, [{elem, <<"text">>}, cdata]));
reason(<<"deleted">>, _) -> stream_error('not-authorized', <<"Account deleted">>);
reason(_, _) -> none.

stream_error(Reason, Text) ->
    #stream_error{reason = Reason, text = [#text{data = Text} || Text /= <<>>]}.

-spec act(binary(), binary(), binary(), xmlel()) -> ok.
act(Host, User, <<"activated">>, Notice) ->
    _ = become_contacts(Host, User, fxml:get_tag_attr_s(<<"inviter">>, Notice)),
    announce(Host, User);
act(Host, User, <<"password-changed">> = Event, Notice) ->
    _ = close_sessions(Host, User, kept_resource(Host, User, Notice), reason(Event, Notice)),
    %% Newer releases forget the tokens of the account then (mod_auth_fast).
    ejabberd_hooks:run(set_password, Host, [User, Host]),
    ok;
act(Host, User, <<"suspended">> = Event, Notice) ->
    _ = close_sessions(Host, User, none, reason(Event, Notice)),
    ok;
act(_Host, _User, <<"resumed">>, _) ->
    ok;
act(Host, User, <<"deleted">> = Event, Notice) ->
    mod_ostiary_link:forget(Host, User),
    Closed = close_sessions(Host, User, none, reason(Event, Notice)),
    %% A session that ends writes down some things itself, which must not outlive the purge.
    wait_until_ended(Closed, erlang:monotonic_time(millisecond) + ?ENDED_WITHIN),
    ejabberd_hooks:run(remove_user, Host, [User, Host]),
    ok.

%% Fires the server's own "registered" event, once for a name.
-spec announce(binary(), binary()) -> ok.
announce(Host, User) ->
    case mod_ostiary_link:first_time(Host, User) of
        true ->
            ?INFO_MSG("User account is active: ~ts@~ts", [User, Host]),
            ejabberd_hooks:run(register_user, Host, [User, Host]),
            ok;
        false ->
            ok
    end.

%% XEP-0401 §4.5: the inviter's clients are told at once. Doing it again changes nothing.
become_contacts(_Host, _User, <<>>) ->
    none;
become_contacts(Host, User, Address) ->
    Wanted = gen_mod:get_module_opt(Host, mod_ostiary, subscribe_invited) andalso gen_mod:is_loaded(Host, mod_roster),
    try jid:decode(Address) of
        #jid{luser = Inviter, lserver = Host} when Wanted, Inviter /= <<>>, Inviter /= User ->
            case ejabberd_auth:user_exists(Inviter, Host) of
                true -> [contact(Host, User, Inviter), contact(Host, Inviter, User)];
                false -> none
            end;
        _ ->
            none
    catch
        _:_ -> none
    end.

contact(Host, Owner, Contact) ->
    Item = #roster_item{jid = jid:make(Contact, Host), subscription = both},
    mod_roster:set_item_and_notify_clients(jid:make(Owner, Host), Item, true).

kept_resource(Host, User, Notice) ->
    try jid:decode(fxml:get_tag_attr_s(<<"keep">>, Notice)) of
        #jid{luser = User, lserver = Host, lresource = Resource} when Resource /= <<>> -> Resource;
        _ -> none
    catch
        _:_ -> none
    end.

close_sessions(Host, User, Kept, Error) ->
    [close(Pid, Error) || Resource <- ejabberd_sm:get_user_resources(User, Host),
        Resource /= Kept,
        Pid <- [ejabberd_sm:get_session_pid(User, Host, Resource)],
        is_pid(Pid)].

%% A session that waits to be resumed (XEP-0198) has no stream to write to, but it can be ended.
close(Pid, Error) ->
    Monitor = monitor(process, Pid),
    ejabberd_c2s:send(Pid, Error),
    ejabberd_c2s:stop_async(Pid),
    Monitor.

wait_until_ended([], _) ->
    ok;
wait_until_ended([Monitor | Rest], End) ->
    receive
        {'DOWN', Monitor, process, _, _} -> wait_until_ended(Rest, End)
    after max(0, End - erlang:monotonic_time(millisecond)) ->
        ?WARNING_MSG("A closed session takes long to end", [])
    end.
