/** What passwords are mostly made of: names, teams, beasts, wishes. With a few digits around them they fill every list of leaks. */
export const WORDS: ReadonlySet<string> = new Set(
  `password passwort passwd pass passcode passphrase secret secrets admin administrator administrador root login user username guest
  test tester testing default master welcome willkommen bienvenue hello hallo bonjour letmein letmein access changeme change temp
  temporary private public system server computer internet service manager office company business money dollar shopping shop
  qwerty qwertz azerty qwert asdf asdfgh zxcvbn zxcvbnm abc abcd abcdef
  iloveyou iloveu loveyou loveme lovely love lover lovers loveu iloveme iloveyou forever together sweetheart darling honey sweet sweety
  baby babygirl babyboy princess prinzessin prince queen king angel angels angelo heaven heart kiss kisses sexy sexygirl beautiful
  pretty cutie cute girl girls boys mommy mama papa daddy mother father family brother sister friend friends friendship
  dragon monkey tiger tigger lion panther eagle eagles falcon hawk wolf wolves bear bears shark dolphin dolphins turtle rabbit bunny
  butterfly spider snake horse horses pony kitty kitten cat cats dog dogs doggy puppy mouse chicken duck elephant panda
  sunshine sunflower flower flowers rose roses lily jasmine violet daisy summer winter spring autumn sommer january february march
  april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday
  football fussball futbol soccer baseball basketball hockey tennis golf cricket racing runner skater surfer chelsea arsenal liverpool
  barcelona realmadrid madrid juventus milan manchester united everton rangers celtic yankees lakers cowboys steelers redskins packers
  broncos dodgers giants jordan kobe ronaldo ronaldinho messi beckham schalke bayern dortmund galatasaray fenerbahce besiktas
  superman batman spiderman ironman superstar starwars startrek pokemon pikachu naruto sasuke goku minecraft fortnite zelda mario sonic
  matrix gandalf hobbit merlin wizard magic magical ninja samurai warrior hunter killer destroyer assassin ghost shadow darkness demon
  devil lucifer satan vampire zombie monster phoenix unicorn rainbow starlight star stars galaxy cosmos planet moon thunder lightning
  storm blizzard hurricane fire flame ice snow snowball water ocean river mountain forest island beach paradise freedom liberty peace
  michael jennifer jessica ashley michelle amanda daniel daniela andrew anthony joshua matthew charlie thomas robert william george
  jonathan justin jordan brandon nicole samantha elizabeth stephanie victoria vanessa melissa patrick christian christina christine
  alexander alexandra alexandre alexis andrea andreas benjamin sebastian gabriel gabriela isabella sophie sophia olivia emma hannah
  julia maria marina martin martina markus stefan thorsten sandra sabine claudia carolina fernanda fernando eduardo ricardo roberto
  alejandro francisco rafael antonio giovanni francesco lorenzo mohamed mohammed muhammad ahmed fatima david richard maggie buster
  harley ginger pepper cookie cookies chocolate cheese banana orange apple cherry strawberry blueberry peaches pumpkin peanut coffee
  pizza burger whiskey vodka corona budweiser jackdaniels
  mustang corvette ferrari porsche mercedes lamborghini camaro chevy chevrolet toyota honda suzuki yamaha kawasaki ducati audi
  volkswagen bmw yellow purple silver golden gold diamond black white green blue red pink
  london paris berlin hamburg munich vienna zurich newyork york texas california florida chicago boston dallas houston seattle austin
  america american canada mexico brazil brasil argentina germany deutschland france england scotland ireland italia russia turkey
  india pakistan china japan korea australia
  jesus jesuschrist christ god allah blessed blessing faith grace hope trinity church bible
  google facebook youtube twitter instagram snapchat linkedin myspace yahoo hotmail gmail netflix amazon paypal ebay microsoft windows
  apple iphone samsung nokia android linux ubuntu oracle cisco nintendo playstation xbox
  trustno fuckyou fuckme fuckoff fuck fucker asshole bitch bullshit shit whatever nothing something anything everything nobody
  single player gamer games gaming rockstar rocker metallica slipknot nirvana beatles eminem tupac blink linkinpark greenday
  music guitar piano drummer dancer dance dancing singer party happy smile smiley lucky winner champion champions legend hero
  genius crazy cool coolgirl coolboy awesome fantastic perfect amazing success victory power number one two`.split(/\s+/),
);
