%% mod_ostiary: lets Ostiary decide about the accounts of this host.
%% Carries in-band registration to it and acts on what it says about accounts. Decides and stores nothing.
-module(mod_ostiary).
-behaviour(gen_mod).

-export([start/2, stop/1, reload/3, depends/2, mod_opt_type/1, mod_options/1, mod_doc/0]).
-export([component_connected/1, component_send_packet/1]).
-export([stream_started/2, auth_result/3, pre_auth_features/2, unauthenticated_packet/2, received/3, user_send_packet/1]).
-export([disco_features/5, decode_iq_subel/1, after_login/1, link_from_others/1, address/1]).

-include("logger.hrl").
-include("xmpp.hrl").

-define(VERSION, "0.1.0").
-define(RUN_WITH, "23.01").
-define(READ, "24.02 to 26.07").
-define(LONGEST_LANGUAGE_TAG, 35). % RFC 5646 §4.4.1
-define(NS_IQ_REGISTER, <<"jabber:iq:register">>).
-define(NS_DATA_FORM, <<"jabber:x:data">>).
-define(NS_PREAUTH, <<"urn:xmpp:pars:0">>).
%% XEP-0389: elements that are no stanzas.
-define(NS_FLOWS, <<"urn:xmpp:register:0">>).
-define(NS_TOKEN, <<"urn:xmpp:ibr-token:0">>).
%% XEP-0348 §4: Ostiary takes signed forms.
-define(NS_SIGNATURE, <<"urn:xmpp:xdata:signature:oauth1">>).

%% ---------------------------------------------------------------- gen_mod

start(Host, Options) ->
    ?INFO_MSG(
        "mod_ostiary ~s on ejabberd ~ts; it was run with ejabberd ~s, and written against the sources of ~s",
        [?VERSION, ejabberd_option:version(), ?RUN_WITH, ?READ]
    ),
    tell_about_mistakes(Host, Options),
    %% First, so that the answer to the greeting of a component that is connected already is not missed.
    [ejabberd_hooks:add(Hook, Where, ?MODULE, Function, At) || {Hook, Where, Function, At} <- hooks(Host)],
    [gen_iq_handler:add_iq_handler(At, Host, Namespace, ?MODULE, F) || {At, Namespace, F} <- handlers()],
    case gen_mod:start_child(mod_ostiary_link, Host, Options) of
        {ok, _} ->
            ok;
        {error, _} = Error ->
            stop(Host),
            Error
    end.

stop(Host) ->
    Elsewhere = gen_mod:is_loaded_elsewhere(Host, ?MODULE),
    [
        ejabberd_hooks:delete(Hook, Where, ?MODULE, Function, At)
     || {Hook, Where, Function, At} <- hooks(Host), not (Elsewhere andalso Where == global)
    ],
    [gen_iq_handler:remove_iq_handler(At, Host, Namespace) || {At, Namespace, _} <- handlers()],
    gen_mod:stop_child(mod_ostiary_link, Host).

reload(Host, New, _Old) ->
    tell_about_mistakes(Host, New),
    gen_mod:stop_child(mod_ostiary_link, Host),
    gen_mod:start_child(mod_ostiary_link, Host, New).

%% Before mod_register (50) where stanzas are taken, after it where features are listed.
hooks(Host) ->
    [
        {component_connected, global, component_connected, 50},
        {component_send_packet, global, component_send_packet, 10},
        {c2s_stream_started, Host, stream_started, 50},
        {c2s_pre_auth_features, Host, pre_auth_features, 80},
        {c2s_handle_recv, Host, received, 60},
        {c2s_auth_result, Host, auth_result, 5},
        {c2s_unauthenticated_packet, Host, unauthenticated_packet, 40},
        {disco_local_features, Host, disco_features, 75},
        {user_send_packet, Host, user_send_packet, 50}
    ].

handlers() ->
    [
        {ejabberd_local, ?NS_IQ_REGISTER, after_login},
        {ejabberd_sm, ?NS_IQ_REGISTER, after_login},
        {ejabberd_local, ?NS_FLOWS, after_login},
        {ejabberd_sm, ?NS_FLOWS, after_login},
        {ejabberd_local, mod_ostiary_link:ns(), link_from_others}
    ].

%% Loaded before us, so that the handlers of mod_register do not replace ours.
depends(_Host, _Options) ->
    [{mod_register, soft}].

mod_options(_Host) ->
    [component, {timeout, 20}, {max_pending, 1000}, {credential_memory, 0}, {access, all}, {subscribe_invited, true}].

mod_opt_type(component) -> econf:domain();
mod_opt_type(timeout) -> econf:int(1, 120);
mod_opt_type(max_pending) -> econf:int(1, 100000);
mod_opt_type(credential_memory) -> econf:int(0, 300);
mod_opt_type(access) -> econf:acl();
mod_opt_type(subscribe_invited) -> econf:bool().

mod_doc() ->
    #{
        desc => <<"Lets Ostiary, an external component, decide about the accounts of the host.">>,
        opts => [
            {component, #{value => <<"Domain">>, desc => <<"The address of Ostiary. Required.">>}},
            {timeout, #{value => <<"Number">>, desc => <<"Seconds to wait for an answer, 1 to 120.">>}},
            {max_pending, #{value => <<"Number">>, desc => <<"Requests on their way at once, logins included.">>}},
            {credential_memory, #{
                value => <<"Number">>,
                desc => <<"Seconds for which keys of logins are good while Ostiary is away, 0 to 300; 0 keeps none.">>
            }},
            {subscribe_invited, #{
                value => <<"true | false">>, desc => <<"Whether who was invited and the inviter become contacts.">>
            }},
            {access, #{value => <<"AccessName">>, desc => <<"Who may register before login, by name and address.">>}}
        ]
    }.

tell_about_mistakes(Host, #{component := Component}) ->
    Hosts = ejabberd_option:hosts(),
    [
        ?ERROR_MSG("The option 'component' of mod_ostiary is ~ts, which is one of ejabberd's own hosts", [Component])
     || lists:member(Component, Hosts)
    ],
    [
        ?WARNING_MSG("mod_register is loaded on ~ts too; Ostiary takes its requests: remove it from the modules", [Host])
     || gen_mod:is_loaded(Host, mod_register)
    ],
    [
        ?WARNING_MSG("negotiation_timeout cuts off people who are still filling in a form; set it to 300 seconds", [])
     || short(ejabberd_option:negotiation_timeout())
    ],
    ok.

short(Timeout) ->
    is_integer(Timeout) andalso Timeout < timer:seconds(120).

%% ---------------------------------------------------------------- The component

%% Both run in the process of the component's own stream, which nobody else can be.
component_connected(Component) ->
    [mod_ostiary_link:connected(Host, self()) || Host <- hosts_of(Component)],
    ok.

component_send_packet({#iq{from = From, to = #jid{luser = <<>>, lserver = Host, lresource = <<>>}} = IQ, State} = Acc) ->
    #jid{luser = User, lserver = Component, lresource = Resource} = From,
    Ours = User == <<>> andalso Resource == <<>> andalso lists:member(Host, hosts_of(Component)),
    case Ours andalso mod_ostiary_link:received(Host, self(), IQ) of
        true -> {drop, State};
        false -> Acc
    end;
component_send_packet(Acc) ->
    Acc.

hosts_of(Component) ->
    [
        Host
     || Host <- ejabberd_option:hosts(),
        gen_mod:is_loaded(Host, ?MODULE),
        gen_mod:get_module_opt(Host, ?MODULE, component) == Component
    ].

%% What comes here has not come from the component's stream: that would have been taken above.
link_from_others(#iq{from = From, to = #jid{lserver = Host}} = IQ) ->
    mod_ostiary_link:refused(Host, From, IQ).

%% ---------------------------------------------------------------- Before login

%% The hook for features is not told whether the stream is encrypted, but runs in the same process.
stream_started(State, _Header) ->
    put(ostiary_encrypted, maps:get(stream_encrypted, State, false)),
    State.

%% Programs that sign forms (XEP-0348) try to log in before they ask for one.
auth_result(State, true, _User) ->
    State;
auth_result(State, _Failure, _User) ->
    put(ostiary_tried_login, true),
    State.

pre_auth_features(Features, Host) ->
    Others = [Feature || Feature <- Features, not is_record(Feature, feature_register)],
    %% XEP-0445 §3, and what yaxim and Siskin look for.
    [register_feature(N) || mod_ostiary_link:takes_invitations(Host), N <- [?NS_TOKEN, <<"urn:xmpp:invite">>]] ++
        [#feature_register{} || mod_ostiary_link:is_open(Host)] ++
        %% XEP-0389 §6.1: not before a security layer.
        [Flow || get(ostiary_encrypted) == true, Flow <- mod_ostiary_link:flows(Host)] ++ Others.

register_feature(Namespace) ->
    #xmlel{name = <<"register">>, attrs = [{<<"xmlns">>, Namespace}]}.

unauthenticated_packet(State, #iq{type = Type, sub_els = [First | _] = Elements} = IQ) when Type == get; Type == set ->
    case {xmpp:get_ns(First), xmpp:get_name(First)} of
        Carried when Carried == {?NS_IQ_REGISTER, <<"query">>}; Carried == {?NS_PREAUTH, <<"preauth">>} ->
            {stop, ejabberd_c2s:send(State, without_crash(IQ, fun() -> register(State, IQ, Elements) end))};
        _ -> State
    end;
unauthenticated_packet(State, _Packet) ->
    State.

%% The stream stands still until the answer is there, so that stanzas keep their order and one stream has one request
%% on its way.
register(#{lserver := Host} = State, #iq{to = To} = IQ, [_]) when
    To == undefined; To#jid.luser == <<>>, To#jid.lserver == Host, To#jid.lresource == <<>>
->
    case veto(State, IQ) of
        none ->
            Answer = mod_ostiary_link:ask(Host, set, carry(client(State, IQ), IQ)),
            Reply = reply(IQ, Answer),
            note_registered(Host, Answer),
            note_accepted(Answer),
            Reply#iq{from = jid:make(Host), to = undefined};
        Error ->
            error_reply(IQ, Error)
    end;
register(_State, IQ, [_]) ->
    error_reply(IQ, #stanza_error{type = cancel, reason = 'service-unavailable'});
register(_State, IQ, _Several) ->
    error_reply(IQ, #stanza_error{type = modify, reason = 'bad-request'}).

%% What a client sends of XEP-0389 is not known to ejabberd, which goes on after this hook as if nothing had come.
received(#{stream_authenticated := false, stream_encrypted := true} = State, #xmlel{name = Name} = Element, {error, _}) ->
    Carried = lists:member(Name, [<<"register">>, <<"recovery">>, <<"response">>]),
    case xmpp:get_ns(Element) of
        ?NS_FLOWS when Carried ->
            Language = fxml:get_tag_attr_s(<<"xml:lang">>, Element),
            IQ = #iq{type = set, id = session(), lang = Language, sub_els = [Element]},
            Reply = without_crash(IQ, fun() -> flow(State, IQ, Name) end),
            deliver_flow(State, Name, Reply);
        _ ->
            State
    end;
received(State, _Element, _Decoded) ->
    State.

flow(#{lserver := Host} = State, #iq{sub_els = [Element]} = IQ, Name) ->
    Registers = Name == <<"response">> andalso username_in(Element) /= <<>>,
    case Registers andalso veto(State, IQ) of
        #stanza_error{} = Refusal ->
            error_reply(IQ, Refusal);
        _ ->
            Answer = mod_ostiary_link:ask(Host, set, carry(client(State, IQ), IQ)),
            note_registered(Host, Answer),
            reply(IQ, Answer)
    end.

deliver_flow(State, _Name, #iq{type = result, sub_els = [Said | _]}) ->
    ejabberd_c2s:send(State, Said);
deliver_flow(State, _Name, #iq{type = result}) ->
    State;
deliver_flow(State, Name, Reply) ->
    case xmpp:get_error(Reply) of
        #stanza_error{reason = 'item-not-found'} when Name /= <<"response">> ->
            Children = [
                #xmlel{name = <<"undefined-condition">>, attrs = [{<<"xmlns">>, ?NS_STREAMS}]},
                #xmlel{name = <<"invalid-flow">>, attrs = [{<<"xmlns">>, ?NS_FLOWS}]}
            ],
            State1 = ejabberd_c2s:send(State, #xmlel{name = <<"stream:error">>, children = Children}),
            ejabberd_c2s:stop_async(self()),
            State1;
        _ ->
            ejabberd_c2s:send(State, #xmlel{name = <<"cancel">>, attrs = [{<<"xmlns">>, ?NS_FLOWS}]})
    end.

%% The refusal of the server's own rules, by address or by name; the password is shown to nobody.
veto(_State, #iq{type = get}) ->
    none;
veto(_State, #iq{sub_els = [#xmlel{name = <<"preauth">>}]}) ->
    none;
veto(#{lserver := Host, ip := {Address, _}}, #iq{sub_els = [Query]} = IQ) ->
    User =
        case jid:nodeprep(username_in(Query)) of
            error -> <<>>;
            Prepared -> Prepared
        end,
    Access = gen_mod:get_module_opt(Host, ?MODULE, access),
    Who = #{usr => {User, Host, <<>>}, ip => Address},
    Allowed =
        acl:match_rule(Host, Access, Who) == allow andalso
            %% Asked by ejabberd itself since 24.
            ejabberd_hooks:run_fold(check_register_user, Host, true, [User, Host, <<>>]),
    case Allowed of
        true -> none;
        _ -> xmpp:err_not_allowed(<<"Access denied by service policy">>, xmpp:get_lang(IQ))
    end.

%% The same place as in docs/link.md: the form if there is one, else the elements; the first that is not empty, without blanks at
%% its ends.
username_in(Query) ->
    Elements =
        case all(Query, ?NS_IQ_REGISTER, <<"x">>, ?NS_DATA_FORM) of
            [] ->
                all(Query, ?NS_IQ_REGISTER, <<"username">>, ?NS_IQ_REGISTER);
            [Form | _] ->
                [
                    Value
                 || Field <- all(Form, ?NS_DATA_FORM, <<"field">>, ?NS_DATA_FORM),
                    fxml:get_tag_attr_s(<<"var">>, Field) == <<"username">>,
                    Value <- all(Field, ?NS_DATA_FORM, <<"value">>, ?NS_DATA_FORM)
                ]
        end,
    first_text([fxml:get_tag_cdata(Element) || Element <- Elements]).

first_text([]) ->
    <<>>;
first_text([Text | More]) ->
    %% A carriage return and a line feed are one character to `string`.
    case string:trim(Text, both, [$\s, $\t, $\r, $\n, [$\r, $\n]]) of
        <<>> -> first_text(More);
        Trimmed -> Trimmed
    end.

%% The children of this name and namespace. An element that has its parent's namespace need not say so.
all(#xmlel{children = Children}, Inherited, Name, Namespace) ->
    [
        Child
     || #xmlel{name = N, attrs = Attributes} = Child <- Children,
        N == Name,
        proplists:get_value(<<"xmlns">>, Attributes, Inherited) == Namespace
    ].

note_registered(Host, {ok, #iq{sub_els = [Carry]}}) ->
    case fxml:get_subtag(Carry, <<"registered">>) of
        #xmlel{} = Registered ->
            %% An account that is still pending cannot read a welcome message; it is announced when it becomes active.
            User = jid:nodeprep(fxml:get_tag_attr_s(<<"user">>, Registered)),
            case fxml:get_tag_attr_s(<<"state">>, Registered) of
                <<"active">> when is_binary(User) -> mod_ostiary_accounts:announce(Host, User);
                _ -> ok
            end;
        false ->
            ok
    end;
note_registered(_Host, _Answer) ->
    ok.

%% What Ostiary wants to see again with everything that this stream sends from now on; opaque here.
note_accepted({ok, #iq{sub_els = [Carry]}}) ->
    case fxml:get_subtag(Carry, <<"accepted">>) of
        #xmlel{} = Accepted ->
            put(ostiary_ticket, fxml:get_tag_attr_s(<<"ticket">>, Accepted)),
            ok;
        false ->
            ok
    end;
note_accepted(_Answer) ->
    ok.

%% ---------------------------------------------------------------- After login

disco_features({result, Features}, _From, _To, <<>>, _Language) -> {result, [?NS_SIGNATURE | Features]};
disco_features(empty, _From, _To, <<>>, _Language) -> {result, [?NS_SIGNATURE]};
disco_features(Other, _From, _To, _Node, _Language) -> Other.

%% Only the stream knows all about the client; the handlers of IQs, below, are told with the stanza.
user_send_packet({#iq{type = Type, from = From, to = To, sub_els = [Element]} = IQ, State} = Acc) when
    Type == get; Type == set
->
    case xmpp:get_ns(Element) of
        Namespace when Namespace == ?NS_IQ_REGISTER; Namespace == ?NS_FLOWS ->
            IQ1 = xmpp:put_meta(IQ, ostiary_client, client(State, IQ)),
            case jid:tolower(From) == jid:tolower(To) of
                %% Clients built on Martin (Siskin, Beagle) send to their own full JID, where ejabberd would hand the
                %% request back to them.
                true -> {drop, carried(State, after_login(IQ1))};
                false -> {IQ1, State}
            end;
        _ ->
            Acc
    end;
user_send_packet(Acc) ->
    Acc.

carried(State, ignore) -> State;
carried(State, Refusal) -> ejabberd_c2s:send(State, Refusal).

%% Keeps ejabberd from decoding, and so losing, what is in the element.
decode_iq_subel(Element) ->
    Element.

after_login(IQ) ->
    without_crash(IQ, fun() -> carry_for_session(IQ) end).

carry_for_session(#iq{from = #jid{luser = User, lserver = Host}, to = #jid{lserver = Host} = To} = IQ) ->
    Own = To#jid.luser == <<>> orelse To#jid.luser == User,
    case xmpp:get_meta(IQ, ostiary_client, none) of
        #xmlel{} = Client when Own, User /= <<>> ->
            Deliver = fun(Answer) -> ejabberd_router:route(reply(IQ, Answer)) end,
            mod_ostiary_link:carry(Host, User, carry(Client, IQ), Deliver),
            ignore;
        _ ->
            error_reply(IQ, #stanza_error{type = cancel, reason = 'service-unavailable'})
    end;
carry_for_session(IQ) ->
    error_reply(IQ, #stanza_error{type = cancel, reason = 'service-unavailable'}).

%% ---------------------------------------------------------------- Carrying a client's stanza

%% What only the server knows of the client.
client(#{ip := {Address, _}} = State, IQ) ->
    Encrypted = maps:get(stream_encrypted, State, false),
    Language = xmpp:get_lang(IQ),
    Attributes = [
        [{<<"address">>, address(Address)} || is_tuple(Address), tuple_size(Address) > 2],
        [{<<"session">>, session()}, {<<"secure">>, atom_to_binary(Encrypted, latin1)}],
        [{<<"lang">>, Language} || Language /= <<>>, byte_size(Language) =< ?LONGEST_LANGUAGE_TAG],
        [{<<"jid">>, jid:encode(Jid)} || #{jid := Jid} <- [State]],
        [{<<"tried-login">>, <<"true">>} || get(ostiary_tried_login) == true],
        [{<<"ticket">>, Ticket} || Ticket <- [get(ostiary_ticket)], is_binary(Ticket)]
    ],
    #xmlel{name = <<"client">>, attrs = lists:append(Attributes)}.

%% An IP address as text; an IPv4 one also where it came through an IPv6 socket.
address({0, 0, 0, 0, 0, 16#ffff, High, Low}) ->
    address({High div 256, High rem 256, Low div 256, Low rem 256});
address(Address) ->
    list_to_binary(inet:ntoa(Address)).

%% A stream is a process. Its id in XMPP changes with TLS and login.
session() ->
    case get(ostiary_session) of
        undefined ->
            Session = base64:encode(crypto:strong_rand_bytes(15)),
            put(ostiary_session, Session),
            Session;
        Session ->
            Session
    end.

carry(Client, #iq{type = Type, id = Id, lang = Language, sub_els = [Element]}) ->
    Inner = #xmlel{
        name = <<"iq">>,
        attrs =
            [{<<"xmlns">>, ?NS_CLIENT}, {<<"type">>, atom_to_binary(Type, latin1)}, {<<"id">>, Id}] ++
                [{<<"xml:lang">>, Language} || Language /= <<>>],
        children = [Element]
    },
    #xmlel{name = <<"carry">>, attrs = [{<<"xmlns">>, mod_ostiary_link:ns()}], children = [Client, Inner]}.

reply(#iq{id = Id} = IQ, {ok, #iq{sub_els = [#xmlel{name = <<"carry">>} = Carry]}}) ->
    Inners = [Inner || #xmlel{name = <<"iq">>} = Inner <- Carry#xmlel.children, xmpp:get_ns(Inner) == ?NS_CLIENT],
    case [{fxml:get_tag_attr_s(<<"type">>, I), fxml:get_tag_attr_s(<<"id">>, I), I} || I <- Inners] of
        [{<<"result">>, Id, Inner} | _] -> inner_reply(IQ, result, Inner);
        [{<<"error">>, Id, Inner} | _] -> inner_reply(IQ, error, Inner);
        _ -> malformed(IQ)
    end;
reply(IQ, {ok, _}) ->
    malformed(IQ);
reply(IQ, {refused, _, _}) ->
    error_reply(IQ, #stanza_error{type = wait, reason = 'internal-server-error'});
reply(IQ, {failed, busy}) ->
    error_reply(IQ, 'resource-constraint', <<"The account service is busy. Please try again.">>);
reply(IQ, {failed, late}) ->
    error_reply(IQ, 'remote-server-timeout', <<"The account service did not answer.">>);
reply(IQ, {failed, _}) ->
    error_reply(IQ, 'service-unavailable', <<"The account service is away. Please try again.">>).

inner_reply(IQ, Type, #xmlel{children = Children} = Inner) ->
    Reply = xmpp:make_iq_result(IQ),
    Elements = [in_stream_namespace(Child) || #xmlel{} = Child <- Children],
    Reply#iq{type = Type, lang = fxml:get_tag_attr_s(<<"xml:lang">>, Inner), sub_els = Elements}.

%% Written out it would be right, too, but some clients do not expect it there.
in_stream_namespace(#xmlel{attrs = Attributes} = Child) ->
    Child#xmlel{attrs = lists:delete({<<"xmlns">>, ?NS_CLIENT}, Attributes)}.

malformed(IQ) ->
    ?ERROR_MSG("Ostiary gave a malformed answer to a carried stanza", []),
    error_reply(IQ, #stanza_error{type = wait, reason = 'internal-server-error'}).

error_reply(IQ, Reason, Text) ->
    error_reply(IQ, #stanza_error{type = wait, reason = Reason, text = [#text{data = Text, lang = <<"en">>}]}).

%% Without the element of the request: the password is in it. With the number that clients from before the conditions
%% read, which ejabberd's own library leaves out.
error_reply(IQ, #stanza_error{reason = Reason} = Error) ->
    #iq{sub_els = Elements} = Reply = xmpp:make_error(IQ#iq{sub_els = []}, Error),
    Reply#iq{sub_els = [with_code(xmpp:encode(Element, ?NS_CLIENT), Reason) || Element <- Elements]}.

with_code(#xmlel{name = <<"error">>, attrs = Attributes} = Element, Reason) ->
    Element#xmlel{attrs = [{<<"code">>, legacy_code(Reason)} | Attributes]};
with_code(Element, _Reason) ->
    Element.

%% XEP-0086 section 3.
legacy_code('bad-request') -> <<"400">>;
legacy_code('not-allowed') -> <<"405">>;
legacy_code('not-acceptable') -> <<"406">>;
legacy_code('internal-server-error') -> <<"500">>;
legacy_code('resource-constraint') -> <<"500">>;
legacy_code('service-unavailable') -> <<"503">>;
legacy_code('remote-server-timeout') -> <<"504">>;
legacy_code(_) -> <<"400">>.

%% ejabberd logs a crash with all arguments, the client's password among them.
without_crash(IQ, Function) ->
    try
        Function()
    catch
        Class:Reason:Stack ->
            Where = [{Module, Name, Line} || {Module, Name, _, Line} <- Stack],
            ?ERROR_MSG("A stanza could not be handled: ~p ~p at ~p", [Class, kind_of(Reason), Where]),
            error_reply(IQ, #stanza_error{type = wait, reason = 'internal-server-error'})
    end.

kind_of(Reason) when is_tuple(Reason) -> element(1, Reason);
kind_of(Reason) when is_atom(Reason) -> Reason;
kind_of(_) -> unknown.
