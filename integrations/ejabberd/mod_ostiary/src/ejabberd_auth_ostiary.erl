%% ejabberd_auth_ostiary: asks Ostiary whether somebody may log in. Keeps no password, no key and no list of accounts; what
%% the option credential_memory allows is kept by the link.
-module(ejabberd_auth_ostiary).
-behaviour(ejabberd_auth).

-export([start/1, stop/1, plain_password_required/1, store_type/1, use_cache/1]).
-export([get_password/2, check_password/4, user_exists/2, set_password/3, try_register/3, remove_user/2]).
-export([stream_started/2, handle_recv/3, handle_info/2, auth_result/3, session_opened/1]).

-include("logger.hrl").
-include("scram.hrl").
-include("xmpp.hrl").

-define(NS_SASL_2, <<"urn:xmpp:sasl:2">>).
-define(AWAY, <<"The account service is not available. Please try again later.">>).
-define(NO_KEYS, <<"This mechanism is not available, please use PLAIN.">>).

%% ejabberd asks about passwords in the process of the client's stream, but does not say for whom or how. These are the
%% names in its dictionary under which that is kept between the steps of a login.
%%
%% What is offered: `offering` until the stream has logged in, `checking` while a password is looked at.
-define(STAGE, ostiary_stage).
%% The SASL element that is being answered.
-define(ATTEMPT, ostiary_attempt).
%% The account that Ostiary has spoken of, and what to say when the proof was right.
-define(LOGIN, ostiary_login).

-record(attempt, {
    stream :: ejabberd_c2s:state(),
    namespace :: binary(),
    mechanism :: binary(),
    lang :: binary()
}).

-record(login, {
    user :: binary(),
    namespace :: binary(),
    verdict = right :: right | {atom(), binary()},
    %% The keys came from memory, since Ostiary is away.
    remembered = false :: boolean()
}).

%% ---------------------------------------------------------------- ejabberd_auth

start(Host) ->
    [ejabberd_hooks:add(Hook, Host, ?MODULE, Function, At) || {Hook, Function, At} <- hooks()],
    ok.

stop(Host) ->
    [ejabberd_hooks:delete(Hook, Host, ?MODULE, Function, At) || {Hook, Function, At} <- hooks()],
    ok.

%% Before those that log and count failed logins (mod_fail2ban): an Ostiary that is away is nobody's wrong password.
hooks() ->
    [
        {c2s_stream_started, stream_started, 40},
        {c2s_handle_recv, handle_recv, 40},
        {c2s_handle_info, handle_info, 40},
        {c2s_auth_result, auth_result, 10},
        {c2s_session_opened, session_opened, 40}
    ].

plain_password_required(_Host) -> true.

%% `plain` makes ejabberd offer every SCRAM, `external` makes it ask check_password/4 and hand over passwords as they are.
store_type(_Host) ->
    case get(?STAGE) of
        offering -> plain;
        _ -> external
    end.

use_cache(_Host) -> false.

%% The keys for the SCRAM exchange that this stream is in, for nothing else.
get_password(User, Host) ->
    case get(?ATTEMPT) of
        #attempt{mechanism = <<"SCRAM-", Hash/binary>>} = Attempt ->
            scram(User, Host, Attempt, hash(Hash));
        _ ->
            _ = get(?STAGE) == offering andalso put(?STAGE, checking),
            {nocache, error}
    end.

hash(<<"SHA-1", _/binary>>) -> {sha, <<"SCRAM-SHA-1">>};
hash(<<"SHA-256", _/binary>>) -> {sha256, <<"SCRAM-SHA-256">>};
hash(<<"SHA-512", _/binary>>) -> {sha512, <<"SCRAM-SHA-512">>};
hash(_) -> {none, none}.

scram(User, Host, #attempt{lang = Language} = Attempt, {Hash, Mechanism}) ->
    case look_up(User, Host, Language) of
        {Source, Account} ->
            case {verdict(Account), keys(Account, Mechanism)} of
                {unknown, _} ->
                    fail(Attempt, Host, 'temporary-auth-failure', ?AWAY);
                {_, none} ->
                    fail(Attempt, Host, 'invalid-mechanism', ?NO_KEYS);
                {Verdict, Keys} ->
                    put(?LOGIN, #login{
                        user = User,
                        namespace = Attempt#attempt.namespace,
                        verdict = Verdict,
                        remembered = Source /= said
                    }),
                    {nocache, {ok, Keys#scram{hash = Hash}}}
            end;
        none ->
            fail(Attempt, Host, 'temporary-auth-failure', ?AWAY)
    end.

%% What Ostiary says of the keys of an account, or what it said a short while ago, while it is away.
look_up(User, Host, Language) ->
    Question = question(<<"credentials">>, User, [{<<"lang">>, Language}]),
    case mod_ostiary_link:ask_for_login(Host, User, get, Question) of
        {ok, #iq{sub_els = [#xmlel{name = <<"credentials">>} = Account]}} -> {said, Account};
        {failed, Why} when Why == away; Why == late -> mod_ostiary_link:remembered(Host, User);
        _ -> none
    end.

keys(Account, Mechanism) ->
    Elements = [S || #xmlel{name = <<"scram">>} = S <- Account#xmlel.children, attribute(<<"mechanism">>, S) == Mechanism],
    try
        [Element | _] = Elements,
        [Stored, Server, Salt] = [attribute(Name, Element) || Name <- [<<"stored-key">>, <<"server-key">>, <<"salt">>]],
        true = lists:all(fun(Key) -> base64:decode(Key) /= <<>> end, [Stored, Server, Salt]),
        Iterations = binary_to_integer(attribute(<<"iterations">>, Element)),
        #scram{storedkey = Stored, serverkey = Server, salt = Salt, iterationcount = Iterations}
    catch
        _:_ -> none
    end.

%% What the account's state means for a login with the right proof.
verdict(Account) ->
    case attribute(<<"state">>, Account) of
        <<"active">> ->
            right;
        State when State == <<"pending">>; State == <<"suspended">> ->
            {'account-disabled', fxml:get_path_s(Account, [{elem, <<"text">>}, cdata])};
        State ->
            ?ERROR_MSG("Ostiary named the unknown account state ~p", [State]),
            unknown
    end.

%% An AuthzId that is not the user's own would let somebody act as somebody else.
check_password(User, AuthzId, _Host, _Password) when AuthzId /= <<>>, AuthzId /= User ->
    {nocache, false};
check_password(User, _AuthzId, Host, Password) ->
    _ = get(?STAGE) == checking andalso put(?STAGE, offering),
    case get(?ATTEMPT) of
        #attempt{mechanism = <<"PLAIN">>} = Attempt -> {nocache, plain(User, Host, Password, Attempt)};
        _ -> {nocache, plain(User, Host, Password)}
    end.

plain(User, Host, Password, #attempt{lang = Language, stream = Stream} = Attempt) ->
    Question = with_password(question(<<"authenticate">>, User, address(Stream) ++ [{<<"lang">>, Language}]), Password),
    case mod_ostiary_link:ask_for_login(Host, User, set, Question) of
        {ok, #iq{sub_els = [#xmlel{name = <<"authenticated">>} = Account]}} ->
            proven(User, Host, Account, Attempt, said);
        {refused, 'not-authorized', _} ->
            false;
        {failed, Why} when Why == away; Why == late ->
            plain_by_memory(User, Host, Password, Attempt);
        _ ->
            fail(Attempt, Host, 'temporary-auth-failure', ?AWAY)
    end.

proven(User, Host, Account, #attempt{namespace = Namespace} = Attempt, Source) ->
    case verdict(Account) of
        right ->
            put(?LOGIN, #login{user = User, namespace = Namespace, remembered = Source /= said}),
            true;
        unknown ->
            fail(Attempt, Host, 'temporary-auth-failure', ?AWAY);
        {Condition, Text} ->
            fail(Attempt, Host, Condition, Text)
    end.

%% Whether the password or the memory was wrong, Ostiary will say when it is back.
plain_by_memory(User, Host, Password, Attempt) ->
    case mod_ostiary_link:remembered(Host, User) of
        {Source, Account} ->
            case proves(Password, Account) andalso mod_ostiary_link:is_good(Host, User) of
                true ->
                    proven(User, Host, Account, Attempt, Source);
                false ->
                    mod_ostiary_link:spend(Host, User),
                    fail(Attempt, Host, 'temporary-auth-failure', ?AWAY)
            end;
        none ->
            fail(Attempt, Host, 'temporary-auth-failure', ?AWAY)
    end.

%% The derivation takes its time in the process of the client's own stream.
proves(Password, Account) ->
    case [{Hash, Keys} || Name <- [<<"SHA-256">>, <<"SHA-1">>],
             {Hash, Mechanism} <- [hash(Name)],
             #scram{} = Keys <- [keys(Account, Mechanism)]] of
        [{Hash, #scram{storedkey = Stored, salt = Salt, iterationcount = Iterations}} | _] ->
            Salted = scram:salted_password(Hash, Password, base64:decode(Salt), Iterations),
            equal(scram:stored_key(Hash, scram:client_key(Hash, Salted)), base64:decode(Stored));
        [] ->
            false
    end.

%% By way of a key of its own, so that the time tells nothing about what is compared.
equal(One, Other) ->
    Key = crypto:strong_rand_bytes(32),
    crypto:mac(hmac, sha256, Key, One) == crypto:mac(hmac, sha256, Key, Other).

%% Not for a client's stream: the web admin, the API, other protocols.
plain(User, Host, Password) ->
    case mod_ostiary_link:ask(Host, set, with_password(question(<<"authenticate">>, User, []), Password)) of
        {ok, #iq{sub_els = [#xmlel{name = <<"authenticated">>} = Account]}} -> verdict(Account) == right;
        _ -> false
    end.

%% While Ostiary is away, and where the sender cannot wait for it, the answer is yes: a stored message can be thrown
%% away later, a refused one is lost.
user_exists(User, Host) ->
    case mod_ostiary_link:ask(Host, get, question(<<"account">>, User, [])) of
        {ok, #iq{sub_els = [#xmlel{name = <<"account">>} = Account]}} ->
            {nocache, attribute(<<"exists">>, Account) /= <<"false">>};
        _ ->
            {nocache, true}
    end.

set_password(User, Host, Password) when is_binary(Password) ->
    case change(Host, with_password(question(<<"set-password">>, User, []), Password)) of
        ok -> {nocache, {ok, Password}};
        {error, _} = Error -> {nocache, Error}
    end;
set_password(_User, _Host, _Keys) ->
    {nocache, {error, not_allowed}}.

%% Accounts are made by registration, or with: ostiary account add
try_register(_User, _Host, _Password) ->
    {nocache, {error, not_allowed}}.

%% ejabberd purges the data of the user whatever is answered here.
remove_user(User, Host) ->
    change(Host, question(<<"remove">>, User, [])).

change(Host, #xmlel{name = Name} = Question) ->
    case mod_ostiary_link:ask(Host, set, Question) of
        {ok, _} ->
            ok;
        {refused, Condition, Text} ->
            ?WARNING_MSG("Ostiary refused ~ts on ~ts: ~ts ~ts", [Name, Host, Condition, Text]),
            {error, not_allowed};
        {failed, Why} ->
            ?ERROR_MSG("Ostiary could not be asked for ~ts on ~ts: ~ts", [Name, Host, Why]),
            {error, db_failure}
    end.

%% ---------------------------------------------------------------- The client's stream

stream_started(#{stream_authenticated := false} = Stream, _Header) ->
    put(?STAGE, offering),
    Stream;
stream_started(Stream, _Header) ->
    Stream.

handle_recv(#{stream_authenticated := false} = Stream, #xmlel{name = Name} = Element, _Decoded) ->
    case {Name, xmpp:get_ns(Element)} of
        {<<"auth">>, ?NS_SASL} -> put(?ATTEMPT, attempt(Stream, Element, ?NS_SASL));
        {<<"authenticate">>, ?NS_SASL_2} -> put(?ATTEMPT, attempt(Stream, Element, ?NS_SASL_2));
        _ -> ok
    end,
    Stream;
handle_recv(Stream, _Element, _Decoded) ->
    Stream.

attempt(#{lang := StreamLanguage} = Stream, Element, Namespace) ->
    Language =
        case attribute(<<"xml:lang">>, Element) of
            Given when Given /= <<>>, byte_size(Given) =< 35 -> Given;
            _ -> StreamLanguage
        end,
    erase(?LOGIN),
    _ = get(?STAGE) == checking andalso put(?STAGE, offering),
    Mechanism = attribute(<<"mechanism">>, Element),
    #attempt{stream = Stream, namespace = Namespace, mechanism = Mechanism, lang = Language}.

%% ejabberd's mechanisms only know "right" and "wrong". Anything else is said here, to the stream itself, which then
%% waits for the client's next attempt. A thrown value is what the stream's behaviour, p1_server, takes as returned;
%% nothing between it and a password's check catches one.
fail(#attempt{stream = Stream, namespace = Namespace}, Host, Condition, Text) ->
    erase(?ATTEMPT),
    erase(?LOGIN),
    put(ostiary_tried_login, true),
    mod_ostiary_link:end_of_login(Host),
    Stream1 = xmpp_stream_in:send(Stream, failure(Namespace, Condition, Text)),
    Stream2 =
        case Stream1 of
            #{stream_state := disconnected} -> Stream1;
            _ -> maps:remove(sasl_state, Stream1#{stream_state => wait_for_sasl_request})
        end,
    throw({noreply, Stream2, time_left(Stream2)}).

time_left(#{stream_timeout := {Limit, Since}}) ->
    max(0, Limit - erlang:monotonic_time(millisecond) + Since);
time_left(_Stream) ->
    infinity.

%% As XML, because releases before 24 have no record for SASL2 (XEP-0388).
failure(Namespace, Condition, Text) ->
    #xmlel{
        name = <<"failure">>,
        attrs = [{<<"xmlns">>, Namespace}],
        children =
            [#xmlel{name = atom_to_binary(Condition, latin1), attrs = [{<<"xmlns">>, ?NS_SASL}]}] ++
                [#xmlel{name = <<"text">>, children = [{xmlcdata, Text}]} || Text /= <<>>]
    }.

auth_result(#{lserver := Host} = Stream, true, User) ->
    erase(?ATTEMPT),
    Login = still_good(current_login(Stream, jid:nodeprep(User)), Host),
    case Login of
        #login{verdict = {Condition, Text}, namespace = Namespace} ->
            %% The proof is through and the parser of the stream has been reset: no second attempt on this stream.
            mod_ostiary_link:end_of_login(Host),
            fail_and_end(Stream, Namespace, Condition, Text);
        _ ->
            erase(?STAGE),
            Stream
    end;
auth_result(#{lserver := Host} = Stream, _Failure, _User) ->
    erase(?ATTEMPT),
    mod_ostiary_link:end_of_login(Host),
    case erase(?LOGIN) of
        #login{user = User, namespace = Namespace, remembered = true} ->
            %% Whether the proof or the memory was wrong, Ostiary will say when it is back.
            mod_ostiary_link:spend(Host, User),
            fail_and_end(Stream, Namespace, 'temporary-auth-failure', ?AWAY);
        _ ->
            Stream
    end.

still_good(#login{user = User, remembered = true} = Login, Host) ->
    case mod_ostiary_link:is_good(Host, User) of
        true -> Login;
        false -> Login#login{verdict = {'temporary-auth-failure', ?AWAY}}
    end;
still_good(Login, _Host) ->
    Login.

fail_and_end(Stream, Namespace, Condition, Text) ->
    Stream1 = xmpp_stream_in:send(Stream, failure(Namespace, Condition, Text)),
    {stop, xmpp_stream_in:send(Stream1, #stream_error{reason = 'not-authorized'})}.

current_login(Stream, User) ->
    case erase(?LOGIN) of
        #login{user = User} = Login ->
            after_changes(Login);
        _ ->
            other_login(Stream, User)
    end.

%% Keys that were good when they came are not after a notice about the account.
after_changes(#login{user = User} = Login) ->
    receive
        {ostiary_changed, User, Error} -> after_changes(changed(Login, Error))
    after 0 -> Login
    end.

%% What has been asked about an active account stays right when it becomes active: a client that logs in as soon as it has
%% registered may well be faster than the notice of its registration.
changed(#login{verdict = right} = Login, none) -> Login;
changed(Login, _Error) -> Login#login{verdict = {'temporary-auth-failure', ?AWAY}}.

%% By a certificate or a token that somebody else has checked: whether the account may log in is asked all the same.
other_login(#{auth_module := ejabberd_auth_anonymous}, _User) ->
    anonymous;
other_login(#{lserver := Host, lang := Language} = Stream, User) ->
    Namespace =
        case Stream of
            #{sasl2_stream_from := _} -> ?NS_SASL_2;
            _ -> ?NS_SASL
        end,
    Verdict =
        case look_up(User, Host, Language) of
            {Source, Account} when Source /= made_up -> verdict(Account);
            _ -> unknown
        end,
    case Verdict of
        unknown -> #login{user = User, namespace = Namespace, verdict = {'temporary-auth-failure', ?AWAY}};
        _ -> #login{user = User, namespace = Namespace, verdict = Verdict}
    end.

%% The account of a login that is not yet a session has changed.
handle_info(Stream, {ostiary_changed, User, Error}) ->
    case {get(?LOGIN), Stream} of
        {#login{user = User} = Login, _} ->
            put(?LOGIN, changed(Login, Error)),
            {stop, Stream};
        {undefined, #{stream_authenticated := true, resource := <<>>}} when Error /= none ->
            {stop, ejabberd_c2s:send(Stream, Error)};
        _ ->
            {stop, Stream}
    end;
handle_info(Stream, _Message) ->
    Stream.

session_opened(#{lserver := Host} = Stream) ->
    mod_ostiary_link:end_of_login(Host),
    Stream.

%% ---------------------------------------------------------------- Questions

question(Name, User, Attributes) ->
    Given = [Attribute || {_, Value} = Attribute <- Attributes, Value /= <<>>],
    #xmlel{name = Name, attrs = [{<<"xmlns">>, mod_ostiary_link:ns()}, {<<"user">>, User} | Given]}.

with_password(Question, Password) ->
    Question#xmlel{children = [#xmlel{name = <<"password">>, children = [{xmlcdata, Password}]}]}.

address(#{ip := {Address, _}}) when is_tuple(Address), tuple_size(Address) > 2 ->
    [{<<"address">>, mod_ostiary:address(Address)}];
address(_Stream) ->
    [].

attribute(Name, Element) ->
    fxml:get_tag_attr_s(Name, Element).
