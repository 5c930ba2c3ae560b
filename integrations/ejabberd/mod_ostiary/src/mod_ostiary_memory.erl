%% Keys that are good for a short, configured time while Ostiary is away (docs/link.md of Ostiary, section 3.5): what it said
%% about accounts when logins began. A value in the process of the link; whoever can ask Ostiary does not look here.
-module(mod_ostiary_memory).

-export([new/1, keep/3, find/2, spend/2, is_good/2, forget/2, expired/3]).
-export_type([memory/0]).

-include("xmpp.hrl").

%% Accounts; the oldest go first.
-define(MOST, 1000).

-record(entry, {
    number :: integer(),
    timer :: reference(),
    account :: xmlel(),
    spent = false :: boolean()
}).

-record(memory, {
    seconds :: non_neg_integer(),
    secret :: binary(),
    %% The last answer without salts and keys; nothing changes it while Ostiary is away.
    shape = none :: none | xmlel(),
    entries = #{} :: #{binary() => #entry{}}
}).

-opaque memory() :: #memory{}.

%% With 0 seconds it stays empty.
-spec new(non_neg_integer()) -> memory().
new(Seconds) ->
    #memory{seconds = Seconds, secret = crypto:strong_rand_bytes(32)}.

%% The calling process gets {timeout, Timer, {keys_expired, User}} when the time is over.
-spec keep(binary(), xmlel(), memory()) -> memory().
keep(_User, _Account, #memory{seconds = 0} = Memory) ->
    Memory;
keep(User, Account, #memory{seconds = Seconds} = Memory) ->
    #memory{entries = Entries} = Roomy = make_room(forget(User, Memory)),
    Timer = erlang:start_timer(timer:seconds(Seconds), self(), {keys_expired, User}),
    Entry = #entry{number = erlang:unique_integer([monotonic]), timer = Timer, account = Account},
    Roomy#memory{entries = Entries#{User => Entry}, shape = shape(Account)}.

shape(#xmlel{attrs = Attributes, children = Children} = Account) ->
    Account#xmlel{
        attrs = [Attribute || {<<"xmlns">>, _} = Attribute <- Attributes],
        children = [
            Scram#xmlel{attrs = [A || {Name, _} = A <- Kept, Name == <<"mechanism">> orelse Name == <<"iterations">>]}
         || #xmlel{name = <<"scram">>, attrs = Kept} = Scram <- Children
        ]
    }.

make_room(#memory{entries = Entries} = Memory) when map_size(Entries) < ?MOST ->
    Memory;
make_room(#memory{entries = Entries} = Memory) ->
    {_, Oldest} = lists:min([{Number, User} || {User, #entry{number = Number}} <- maps:to_list(Entries)]),
    forget(Oldest, Memory).

%% The account element; or one that says nothing about the account, with keys that nobody can prove; or none while nothing at
%% all is remembered.
-spec find(binary(), memory()) -> {remembered | made_up, xmlel()} | none.
find(User, #memory{entries = Entries} = Memory) ->
    case Entries of
        #{User := #entry{account = Account}} -> {remembered, Account};
        _ when map_size(Entries) == 0 -> none;
        _ -> {made_up, made_up(User, Memory)}
    end.

%% For a name that is not remembered, so that a challenge does not tell whose login Ostiary has seen a short while ago.
%% The salts are the same at every question, and look like those of Ostiary.
made_up(User, #memory{secret = Secret, shape = #xmlel{attrs = Attributes, children = Scrams} = Shape}) ->
    Shape#xmlel{
        attrs = [{<<"user">>, User}, {<<"state">>, <<"active">>} | Attributes],
        children = [
            with_unprovable_keys(fxml:replace_tag_attr(<<"salt">>, salt(Secret, User, Scram), Scram))
         || Scram <- Scrams
        ]
    }.

salt(Secret, User, Scram) ->
    Mechanism = fxml:get_tag_attr_s(<<"mechanism">>, Scram),
    <<Bytes:16/binary, _/binary>> = crypto:mac(hmac, sha256, Secret, [Mechanism, 0, User]),
    base64:encode(binary:replace(base64:encode(Bytes), <<"=">>, <<>>, [global])).

with_unprovable_keys(Scram) ->
    lists:foldl(
        fun(Name, Acc) -> fxml:replace_tag_attr(Name, base64:encode(crypto:strong_rand_bytes(32)), Acc) end,
        Scram,
        [<<"stored-key">>, <<"server-key">>]
    ).

%% One wrong proof for each account: nobody else counts them while Ostiary is away. The salt stays, or it would tell that
%% there had been keys.
-spec spend(binary(), memory()) -> memory().
spend(User, #memory{entries = Entries} = Memory) ->
    case Entries of
        #{User := #entry{account = #xmlel{children = Children} = Account} = Entry} ->
            Spent = [
                case Child of
                    #xmlel{name = <<"scram">>} -> with_unprovable_keys(Child);
                    _ -> Child
                end
             || Child <- Children
            ],
            Memory#memory{entries = Entries#{User := Entry#entry{account = Account#xmlel{children = Spent}, spent = true}}};
        _ ->
            Memory
    end.

%% Whether a proof by keys that were found earlier still counts. Otherwise many wrong ones could be begun side by side.
-spec is_good(binary(), memory()) -> boolean().
is_good(User, #memory{entries = Entries}) ->
    case Entries of
        #{User := #entry{spent = Spent}} -> not Spent;
        _ -> false
    end.

-spec forget(binary(), memory()) -> memory().
forget(User, #memory{entries = Entries} = Memory) ->
    case maps:take(User, Entries) of
        {#entry{timer = Timer}, Rest} ->
            _ = erlang:cancel_timer(Timer),
            Memory#memory{entries = Rest};
        error ->
            Memory
    end.

-spec expired(reference(), binary(), memory()) -> memory().
expired(Timer, User, #memory{entries = Entries} = Memory) ->
    case Entries of
        #{User := #entry{timer = Timer}} -> forget(User, Memory);
        _ -> Memory
    end.
