%% The link to Ostiary: requests, answers and the life of the component streams that carry them.
%% The protocol is described in docs/link.md of Ostiary; this process, one for each host, is its only place in ejabberd.
-module(mod_ostiary_link).
-behaviour(gen_server).

-export([ns/0, is_open/1, takes_invitations/1, flows/1, ask/3, ask_for_login/4, end_of_login/1, remembered/2, is_good/2, spend/2, carry/4, first_time/2, forget/2, refused/3, forged/1]).
-export([connected/2, received/3]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, code_change/3, format_status/1, format_status/2]).
-export_type([answer/0]).

-include("logger.hrl").
-include("xmpp.hrl").

-define(NS_LINK, <<"urn:ostiary:link:1">>).
-define(ID, "ostiary-").
%% Names for which the server's own "registered" event has been fired; losing one may fire it twice.
-define(REMEMBERED, 1000).
%% Notices that are acted on side by side.
-define(WORKERS, 10).

%% What a request ends with: Ostiary's result, its refusal, or why there is neither.
-type answer() :: {ok, iq()} | {refused, atom(), binary()} | {failed, away | busy | late | cannot_wait}.

-record(request, {
    stream :: pid(),
    timer :: reference(),
    answered :: greeting | status | {look_up, {pid(), any()}, binary(), non_neg_integer()} | fun((answer()) -> any()),
    user = none :: none | binary()
}).

-record(notice, {
    stream :: pid(),
    iq :: iq(),
    user :: binary(),
    event :: binary(),
    element :: xmlel(),
    %% The user's own requests that were on their way when it came (XEP-0077 §3.2), and none that came later: a client
    %% could keep its suspension away by asking again and again.
    waits_for :: [binary()]
}).

-record(state, {
    host :: binary(),
    component :: binary(),
    %% The component's authenticated streams, the newest first; only that one is asked.
    streams = [] :: [{pid(), reference()}],
    %% The newest stream's component has named our namespace.
    speaks = false :: boolean(),
    pending = #{} :: #{binary() => #request{}},
    %% Client streams that are logging in or have not bound a resource yet: ejabberd does not count them as sessions.
    logins = #{} :: #{pid() => {binary(), reference()}},
    notices = [] :: [#notice{}],
    workers = #{} :: #{reference() => #notice{}},
    announced = [] :: [binary()],
    memory :: mod_ostiary_memory:memory(),
    %% Notices so far.
    changes = 0 :: non_neg_integer(),
    forged = 0 :: non_neg_integer()
}).

%% ---------------------------------------------------------------- What the other modules call

ns() -> ?NS_LINK.

%% Read for every stream that opens, so not asked of the process.
-spec is_open(binary()) -> boolean().
is_open(Host) ->
    persistent_term:get({?MODULE, Host}, closed) == open.

-spec takes_invitations(binary()) -> boolean().
takes_invitations(Host) ->
    persistent_term:get({?MODULE, invitations, Host}, no) == yes.

%% The stream features of XEP-0389, as the status gave them.
-spec flows(binary()) -> [xmlel()].
flows(Host) ->
    persistent_term:get({?MODULE, flows, Host}, []).

%% Asks and waits; the calling process stands still meanwhile.
-spec ask(binary(), get | set, xmlel()) -> answer().
ask(Host, Type, Element) ->
    call(Host, {ask, Type, Element}).

%% The same on behalf of the client stream that calls, which is told from then on of changes of the account:
%% {ostiary_changed, User, StreamError}.
-spec ask_for_login(binary(), binary(), get | set, xmlel()) -> answer().
ask_for_login(Host, User, Type, Element) ->
    call(Host, {ask_for_login, User, Type, Element}).

%% The calling stream has failed to log in, or has become a session that ejabberd knows.
-spec end_of_login(binary()) -> ok.
end_of_login(Host) ->
    gen_server:cast(process(Host), {end_of_login, self()}).

%% What Ostiary said a short while ago about the keys of an account, for while it is away: see mod_ostiary_memory.
-spec remembered(binary(), binary()) -> {remembered | made_up, xmlel()} | none.
remembered(Host, User) ->
    case call(Host, {remembered, User}) of
        {failed, _} -> none;
        Found -> Found
    end.

%% Whether a proof by keys that were remembered still counts.
-spec is_good(binary(), binary()) -> boolean().
is_good(Host, User) ->
    call(Host, {is_good, User}) == true.

%% A proof by remembered keys was wrong.
-spec spend(binary(), binary()) -> ok.
spend(Host, User) ->
    gen_server:cast(process(Host), {spend, User}).

%% Asks on behalf of a session without waiting; Answered is called in the link's process, before any notice about the
%% user is acted on.
-spec carry(binary(), binary(), xmlel(), fun((answer()) -> any())) -> ok.
carry(Host, User, Element, Answered) ->
    gen_server:cast(process(Host), {carry, User, Element, Answered}).

%% Whether the server's "registered" event is still to be fired for a name.
-spec first_time(binary(), binary()) -> boolean().
first_time(Host, User) ->
    call(Host, {first_time, User}) == true.

-spec forget(binary(), binary()) -> ok.
forget(Host, User) ->
    gen_server:cast(process(Host), {forget, User}).

%% Somebody else than the component has sent a stanza that only the component may send.
-spec refused(binary(), jid(), iq()) -> iq().
refused(Host, From, IQ) ->
    gen_server:cast(process(Host), {forged, jid:encode(From)}),
    xmpp:make_error(IQ#iq{sub_els = []}, #stanza_error{type = auth, reason = 'forbidden'}).

-spec forged(binary()) -> non_neg_integer().
forged(Host) ->
    call(Host, forged).

%% A component has authenticated as our component; called in the process of its stream.
connected(Host, Stream) ->
    gen_server:cast(process(Host), {connected, Stream}).

%% The stream has sent an IQ to the host from the component's name. Says whether it is the link's business.
-spec received(binary(), pid(), iq()) -> boolean().
received(Host, Stream, #iq{type = Type, id = <<?ID, _/binary>>} = IQ) when Type == result; Type == error ->
    gen_server:cast(process(Host), {answer, Stream, IQ}),
    true;
received(Host, Stream, #iq{type = Type, sub_els = [Element]} = IQ) when Type == get; Type == set ->
    case xmpp:get_ns(Element) of
        ?NS_LINK ->
            gen_server:cast(process(Host), {request, Stream, IQ}),
            true;
        _ ->
            false
    end;
received(_Host, _Stream, _IQ) ->
    false.

process(Host) ->
    gen_mod:get_module_proc(Host, ?MODULE).

call(Host, Request) ->
    try
        gen_server:call(process(Host), Request, infinity)
    catch
        exit:{noproc, _} ->
            ?ERROR_MSG("mod_ostiary is not loaded on ~ts: nobody can register or log in", [Host]),
            {failed, away};
        exit:_ ->
            {failed, away}
    end.

%% ---------------------------------------------------------------- The process

init([Host, Options]) ->
    process_flag(trap_exit, true),
    Component = maps:get(component, Options),
    set_registration(Host, closed),
    Memory = mod_ostiary_memory:new(maps:get(credential_memory, Options)),
    State = #state{host = Host, component = Component, memory = Memory},
    {ok, lists:foldl(fun add_stream/2, State, streams_of(Component))}.

%% Streams that were there before this process. A route may also belong to a virtual host or to a module of
%% ejabberd; only processes under the supervisor of component streams are taken.
streams_of(Component) ->
    Routes =
        case (ejabberd_router:get_backend()):find_routes(Component) of
            {ok, Found} -> Found;
            _ -> []
        end,
    Components =
        case whereis(ejabberd_service_sup) of
            undefined -> [];
            _ -> [Pid || {_, Pid, _, _} <- supervisor:which_children(ejabberd_service_sup), is_pid(Pid)]
        end,
    %% Younger processes sort behind older ones, so that the newest becomes the one that is asked.
    lists:sort([Pid || Route <- Routes, Pid <- tuple_to_list(Route), is_pid(Pid), lists:member(Pid, Components)]).

handle_call({ask, Type, Element}, {Caller, _} = From, State) ->
    {noreply, ask(Caller, Type, Element, reply_to(From), none, State)};
handle_call({ask_for_login, User, Type, Element}, {Caller, _} = From, State) ->
    State1 = remove_login(Caller, State),
    Logins = (State1#state.logins)#{Caller => {User, monitor(process, Caller)}},
    Answered =
        case Element of
            #xmlel{name = <<"credentials">>} -> {look_up, From, User, State#state.changes};
            _ -> reply_to(From)
        end,
    {noreply, ask(Caller, Type, Element, Answered, none, State1#state{logins = Logins})};
handle_call({remembered, User}, _From, #state{memory = Memory} = State) ->
    {reply, mod_ostiary_memory:find(User, Memory), State};
handle_call({is_good, User}, _From, #state{memory = Memory} = State) ->
    {reply, mod_ostiary_memory:is_good(User, Memory), State};
handle_call({first_time, User}, _From, #state{announced = Announced} = State) ->
    Remembered = [User | lists:delete(User, Announced)],
    {reply, not lists:member(User, Announced), State#state{announced = lists:sublist(Remembered, ?REMEMBERED)}};
handle_call(forged, _From, State) ->
    {reply, State#state.forged, State};
handle_call(_Request, _From, State) ->
    {noreply, State}.

handle_cast({carry, User, Element, Answered}, State) ->
    {noreply, ask(none, set, Element, Answered, User, State)};
handle_cast({answer, Stream, IQ}, State) ->
    {noreply, answer(Stream, IQ, State)};
handle_cast({request, Stream, IQ}, State) ->
    {noreply, request(Stream, IQ, State)};
handle_cast({end_of_login, Stream}, State) ->
    {noreply, remove_login(Stream, State)};
handle_cast({connected, Stream}, State) ->
    {noreply, add_stream(Stream, State)};
handle_cast({spend, User}, #state{memory = Memory} = State) ->
    {noreply, State#state{memory = mod_ostiary_memory:spend(User, Memory)}};
handle_cast({forget, User}, #state{announced = Announced} = State) ->
    {noreply, State#state{announced = lists:delete(User, Announced)}};
handle_cast({forged, From}, State) ->
    {noreply, count_forged(From, State)};
handle_cast(_Message, State) ->
    {noreply, State}.

handle_info({timeout, _Timer, {late, Id}}, State) ->
    {noreply, finish(Id, {failed, late}, State)};
handle_info({timeout, Timer, {keys_expired, User}}, #state{memory = Memory} = State) ->
    {noreply, State#state{memory = mod_ostiary_memory:expired(Timer, User, Memory)}};
handle_info({timeout, _Timer, {greet, Stream}}, #state{streams = [{Stream, _} | _]} = State) ->
    {noreply, greet(State)};
handle_info({'DOWN', Monitor, process, Pid, Reason}, #state{workers = Workers} = State) ->
    case maps:take(Monitor, Workers) of
        {Notice, Rest} -> {noreply, act(acted(Notice, Reason, State#state{workers = Rest}))};
        error -> {noreply, remove_stream(Pid, remove_login(Pid, State))}
    end;
handle_info(_Message, State) ->
    {noreply, State}.

terminate(_Reason, #state{host = Host, pending = Pending} = State) ->
    set_registration(Host, closed),
    _ = lists:foldl(fun(Id, Acc) -> finish(Id, {failed, away}, Acc) end, State#state{notices = []}, maps:keys(Pending)),
    ok.

code_change(_Old, State, _Extra) ->
    {ok, State}.

%% There are passwords in the requests on their way, and a crash is logged.
format_status(Status) ->
    maps:map(
        fun
            (Key, _) when Key == state; Key == message; Key == log -> hidden;
            (_, Value) -> Value
        end,
        Status
    ).

format_status(_Option, [_Dictionary, _State]) ->
    hidden.

%% ---------------------------------------------------------------- Component streams

add_stream(Stream, #state{streams = Streams} = State) ->
    case lists:keymember(Stream, 1, Streams) of
        true -> State;
        false -> greet(State#state{streams = [{Stream, monitor(process, Stream)} | Streams]})
    end.

remove_stream(Stream, #state{streams = Streams, pending = Pending} = State) ->
    case lists:keytake(Stream, 1, Streams) of
        false ->
            State;
        {value, _, Rest} ->
            Lost = [Id || {Id, #request{stream = Asked}} <- maps:to_list(Pending), Asked == Stream],
            State1 = lists:foldl(fun(Id, Acc) -> finish(Id, {failed, away}, Acc) end, State#state{streams = Rest}, Lost),
            case {Streams, Rest} of
                {[{Stream, _} | _], []} ->
                    ?WARNING_MSG(
                        "~ts is no longer connected: registration and logins on ~ts fail until it is back~ts",
                        [State#state.component, State#state.host, exception(State)]
                    ),
                    close(State1);
                {[{Stream, _} | _], _} ->
                    greet(State1);
                _ ->
                    State1
            end
    end.

exception(#state{host = Host}) ->
    case gen_mod:get_module_opt(Host, mod_ostiary, credential_memory) of
        0 -> "";
        Seconds -> io_lib:format(", but for logins by keys of the last ~B seconds", [Seconds])
    end.

close(#state{host = Host} = State) ->
    set_registration(Host, closed),
    State#state{speaks = false}.

%% Read by every stream that opens, written when the component comes or goes or changes its mind.
set_registration(Host, closed) ->
    persistent_term:put({?MODULE, invitations, Host}, no),
    persistent_term:put({?MODULE, flows, Host}, []),
    persistent_term:put({?MODULE, Host}, closed);
set_registration(Host, open) ->
    persistent_term:put({?MODULE, Host}, open).

%% First the versions that the component speaks, then the status. Nothing else is sent to it before that, least of all a
%% password.
greet(State) ->
    Query = #xmlel{name = <<"query">>, attrs = [{<<"xmlns">>, ?NS_DISCO_INFO}]},
    send(get, Query, greeting, none, close(State)).

greeted(Stream, {ok, #iq{sub_els = [Info]}}, #state{component = Component} = State) ->
    Features = [fxml:get_tag_attr_s(<<"var">>, F) || #xmlel{name = <<"feature">>} = F <- Info#xmlel.children],
    case lists:member(?NS_LINK, Features) of
        true when element(1, hd(State#state.streams)) == Stream ->
            send(get, element_of(<<"status">>), status, none, State#state{speaks = true});
        true ->
            State;
        false ->
            ?ERROR_MSG(
                "~ts is connected but does not speak ~ts: is it Ostiary, and not older or newer than this module?",
                [Component, ?NS_LINK]
            ),
            State
    end;
greeted(Stream, _, State) ->
    greet_again(Stream, State).

status_told(Stream, {ok, #iq{sub_els = [Status]}}, #state{streams = [{Stream, _} | _]} = State) ->
    case take_status(Status, State) of
        true -> State;
        false -> greet_again(Stream, State)
    end;
status_told(Stream, {refused, forbidden, _}, #state{streams = [{Stream, _} | _], component = Component, host = Host} = State) ->
    ?ERROR_MSG(
        "~ts does not serve ~ts: add a [[domain]] with this name to ostiary.toml, or take mod_ostiary away from this host",
        [Component, Host]
    ),
    State;
status_told(Stream, _, State) ->
    greet_again(Stream, State).

greet_again(Stream, #state{streams = [{Stream, _} | _], component = Component} = State) ->
    Timeout = timeout(State),
    ?WARNING_MSG("~ts did not answer the greeting, asking again in ~B seconds", [Component, Timeout div 1000]),
    erlang:start_timer(Timeout, self(), {greet, Stream}),
    State;
greet_again(_Stream, State) ->
    State.

take_status(Status, #state{host = Host}) ->
    %% An Ostiary from before invitations says nothing about them.
    Invitations =
        case fxml:get_tag_attr_s(<<"invitations">>, Status) of
            Off when Off == <<>>; Off == <<"off">> -> no;
            _ -> yes
        end,
    Flows = [Flow || #xmlel{} = Flow <- Status#xmlel.children, xmpp:get_ns(Flow) == <<"urn:xmpp:register:0">>],
    case fxml:get_tag_attr_s(<<"registration">>, Status) of
        <<"open">> -> told_status(Host, open, Invitations, Flows);
        <<"closed">> -> told_status(Host, closed, Invitations, Flows);
        _ -> false
    end.

told_status(Host, Registration, Invitations, Flows) ->
    ?INFO_MSG("Registration on ~ts is ~ts", [Host, Registration]),
    set_registration(Host, Registration),
    persistent_term:put({?MODULE, invitations, Host}, Invitations),
    persistent_term:put({?MODULE, flows, Host}, Flows),
    true.

%% ---------------------------------------------------------------- Requests

ask(Caller, Type, Element, Answered, User, #state{streams = Streams, speaks = Speaks} = State) ->
    case lists:keymember(Caller, 1, Streams) of
        true ->
            %% The process that waits would be the one that has to read the answer.
            answered(Answered, none, {failed, cannot_wait}, State);
        false when Speaks ->
            send(Type, Element, Answered, User, State);
        false ->
            answered(Answered, none, {failed, away}, State)
    end.

%% The stanza goes straight to the stream: no other module sees the passwords in it, and it cannot be routed elsewhere.
%% ejabberd's router would send it to another server while the component is away.
send(_Type, _Element, Answered, _User, #state{streams = []} = State) ->
    answered(Answered, none, {failed, away}, State);
send(Type, Element, Answered, User, #state{streams = [{Stream, _} | _], pending = Pending, host = Host} = State) ->
    case maps:size(Pending) >= gen_mod:get_module_opt(Host, mod_ostiary, max_pending) of
        true ->
            answered(Answered, Stream, {failed, busy}, State);
        false ->
            Id = <<?ID, (integer_to_binary(binary:decode_unsigned(crypto:strong_rand_bytes(12)), 36))/binary>>,
            Timer = erlang:start_timer(timeout(State), self(), {late, Id}),
            ejabberd_service:send(Stream, #iq{
                type = Type,
                id = Id,
                from = jid:make(Host),
                to = jid:make(State#state.component),
                sub_els = [Element]
            }),
            Request = #request{stream = Stream, timer = Timer, answered = Answered, user = User},
            State#state{pending = Pending#{Id => Request}}
    end.

answer(Stream, #iq{id = Id} = IQ, #state{pending = Pending} = State) ->
    case Pending of
        #{Id := #request{stream = Stream}} -> finish(Id, read_answer(IQ), State);
        _ -> State
    end.

read_answer(#iq{type = result} = IQ) ->
    {ok, IQ};
read_answer(IQ) ->
    case xmpp:get_error(IQ) of
        #stanza_error{type = Type, reason = Reason} = Error when is_atom(Reason) ->
            case Type == wait orelse Reason == 'not-authorized' of
                %% Neither "busy" nor "wrong password" is news.
                true -> ok;
                false -> ?WARNING_MSG("Ostiary refused a request: ~ts", [Reason])
            end,
            {refused, Reason, xmpp:get_text(Error#stanza_error.text)};
        _ ->
            {refused, 'undefined-condition', <<>>}
    end.

finish(Id, Answer, #state{pending = Pending} = State) ->
    case maps:take(Id, Pending) of
        {#request{stream = Stream, timer = Timer, answered = Answered}, Rest} ->
            _ = erlang:cancel_timer(Timer),
            act(answered(Answered, Stream, Answer, State#state{pending = Rest}));
        error ->
            State
    end.

answered(greeting, Stream, Answer, State) ->
    greeted(Stream, Answer, State);
answered(status, Stream, Answer, State) ->
    status_told(Stream, Answer, State);
answered({look_up, From, User, Changes}, _Stream, Answer, #state{memory = Memory} = State) ->
    gen_server:reply(From, Answer),
    case Answer of
        %% An answer that was asked for before a notice may tell of the time before the change.
        {ok, #iq{sub_els = [#xmlel{name = <<"credentials">>} = Account]}} when Changes == State#state.changes ->
            State#state{memory = mod_ostiary_memory:keep(User, Account, Memory)};
        _ ->
            State
    end;
answered(Function, _Stream, Answer, State) ->
    try
        Function(Answer)
    catch
        Class:Reason ->
            ?ERROR_MSG("Could not deliver an answer: ~p:~p", [Class, Reason])
    end,
    State.

reply_to(From) ->
    fun(Answer) -> gen_server:reply(From, Answer) end.

timeout(#state{host = Host}) ->
    timer:seconds(gen_mod:get_module_opt(Host, mod_ostiary, timeout)).

element_of(Name) ->
    #xmlel{name = Name, attrs = [{<<"xmlns">>, ?NS_LINK}]}.

%% ---------------------------------------------------------------- What the component sends

request(Stream, #iq{from = From, type = Type, sub_els = [Element]} = IQ, #state{streams = Streams} = State) ->
    case {lists:keymember(Stream, 1, Streams), Type, xmpp:get_name(Element)} of
        {false, _, _} ->
            %% A component that may send under foreign names (check_from: false).
            respond(Stream, IQ, #stanza_error{type = auth, reason = 'forbidden'}),
            count_forged(jid:encode(From), State);
        {true, set, <<"status">>} ->
            case take_status(Element, State) of
                true -> respond(Stream, IQ, ok);
                false -> respond(Stream, IQ, #stanza_error{type = modify, reason = 'bad-request'})
            end,
            State;
        {true, set, <<"account-changed">>} ->
            account_changed(Stream, IQ, Element, State);
        _ ->
            respond(Stream, IQ, #stanza_error{type = cancel, reason = 'feature-not-implemented'}),
            State
    end.

respond(Stream, IQ, ok) ->
    ejabberd_service:send(Stream, xmpp:make_iq_result(IQ));
respond(Stream, IQ, Error) ->
    ejabberd_service:send(Stream, xmpp:make_error(IQ#iq{sub_els = []}, Error)).

count_forged(From, #state{forged = 0} = State) ->
    ?WARNING_MSG(
        "Refused a stanza that only ~ts may send; it came from ~ts. Further ones are counted, not logged.",
        [State#state.component, From]
    ),
    State#state{forged = 1};
count_forged(_From, #state{forged = Count} = State) ->
    State#state{forged = Count + 1}.

remove_login(Stream, #state{logins = Logins} = State) ->
    case maps:take(Stream, Logins) of
        {{_User, Monitor}, Rest} ->
            demonitor(Monitor, [flush]),
            State#state{logins = Rest};
        error ->
            State
    end.

%% ---------------------------------------------------------------- Notices

account_changed(Stream, IQ, Element, #state{notices = Notices, pending = Pending} = State) ->
    Event = fxml:get_tag_attr_s(<<"event">>, Element),
    case {jid:nodeprep(fxml:get_tag_attr_s(<<"user">>, Element)), mod_ostiary_accounts:knows(Event)} of
        {User, _} when User == error; User == <<>> ->
            respond(Stream, IQ, #stanza_error{type = modify, reason = 'bad-request'}),
            State;
        {User, false} ->
            ?ERROR_MSG("Ostiary told of ~p, which this version of the module does not know", [Event]),
            respond(Stream, IQ, #stanza_error{type = cancel, reason = 'feature-not-implemented'}),
            forget_keys(User, State);
        {User, true} ->
            Waits = [Id || {Id, #request{user = Asking}} <- maps:to_list(Pending), Asking == User],
            Notice = #notice{stream = Stream, iq = IQ, user = User, event = Event, element = Element, waits_for = Waits},
            act(forget_keys(User, State#state{notices = Notices ++ [Notice]}))
    end.

%% At once, whatever the notice has to wait for.
forget_keys(User, #state{memory = Memory, changes = Changes} = State) ->
    State#state{memory = mod_ostiary_memory:forget(User, Memory), changes = Changes + 1}.

%% Starts what is due: of one user in their order, of several users side by side.
act(#state{notices = []} = State) ->
    State;
act(#state{notices = Notices} = State) ->
    {Later, State1} = lists:foldl(fun act/2, {[], State#state{notices = []}}, Notices),
    State1#state{notices = lists:reverse(Later)}.

act(#notice{user = User, waits_for = Waits} = Notice, {Later, #state{workers = Workers, pending = Pending} = State}) ->
    Earlier = Later ++ maps:values(Workers),
    Blocked =
        maps:size(Workers) >= ?WORKERS orelse
            lists:any(fun(#notice{user = Other}) -> Other == User end, Earlier) orelse
            lists:any(fun(Id) -> maps:is_key(Id, Pending) end, Waits),
    case Blocked of
        true -> {[Notice | Later], State};
        false -> {Later, start_acting(Notice, State)}
    end.

start_acting(#notice{user = User, event = Event, element = Element} = Notice, #state{host = Host} = State) ->
    Error = mod_ostiary_accounts:reason(Event, Element),
    [Stream ! {ostiary_changed, User, Error} || {Stream, {Login, _}} <- maps:to_list(State#state.logins), Login == User],
    %% Not in this process: what the server's modules do then may ask about accounts, or take its time.
    {_, Monitor} = spawn_monitor(fun() -> exit({acted, mod_ostiary_accounts:act(Host, User, Event, Element)}) end),
    State#state{workers = (State#state.workers)#{Monitor => Notice}}.

acted(#notice{stream = Stream, iq = IQ}, {acted, ok}, State) ->
    respond(Stream, IQ, ok),
    State;
acted(#notice{stream = Stream, iq = IQ, user = User, event = Event}, Reason, #state{host = Host} = State) ->
    ?ERROR_MSG("Could not act on ~ts for ~ts@~ts: ~p", [Event, User, Host, Reason]),
    respond(Stream, IQ, #stanza_error{type = wait, reason = 'internal-server-error'}),
    State.
