# One ticket as Request Tracker makes it, with three answers; the rest are copies of it.
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;
use MIME::Entity;

my $agent = RT::User->new( RT->SystemUser );
$agent->Load('root');
$agent->SetPassword('only-for-benchmarks');
my $words = $ENV{PEER_WORDS};
my $said = sub { MIME::Entity->build( Type => 'text/plain', Data => [$words] ) };
my $ticket = RT::Ticket->new( RT::CurrentUser->new($agent) );
my ( $id, undef, $told ) = $ticket->Create(
    Queue     => 'General',
    Subject   => 'Totals are wrong',
    Requestor => 'member@customer.example',
    Owner     => $agent->Id,
    Status    => 'open',
    MIMEObj   => $said->(),
);
die $told unless $id;
$ticket->Correspond( MIMEObj => $said->() ) for 1 .. 2;
$ticket->Comment( MIMEObj => $said->() );
