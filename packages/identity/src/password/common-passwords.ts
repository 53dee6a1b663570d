/** Of the most common passwords those that are long enough to pass the length rule, in lower case: the first guesses of every attack. */
export const commonPasswords: ReadonlySet<string> = new Set(`
  12345678 123456789 1234567890 12345678910 0123456789 87654321 987654321 0987654321 11111111 111111111 1111111111 00000000 000000000 0000000000
  22222222 55555555 66666666 77777777 88888888 99999999 12341234 12121212 11223344 1122334455 112233445566 123123123 123321123 147258369 159357456
  123456780 12345679 123454321 1234qwer 123qweasd 123qwe123 123456abc 12345abc 12345qwert abc12345 abc123456 abcd1234 abcdefgh abcdefg1 abc123abc a1b2c3d4 a1234567 a12345678 a123456789
  aa123456 aa12345678 asdf1234 asdfasdf asdfghjk asdfghjkl asdfjkl; asd123456 qwer1234 qwerasdf qwertyui qwertyuiop qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwerqwer
  q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 qazwsxedc qazwsx123 zaq12wsx zaq1zaq1 zxcvbnm1 zxcvbnm123 zxcvbnm, zxcvzxcv !qaz2wsx 1qaz@wsx
  password password1 password12 password123 password1234 password! password1! password01 passw0rd p@ssword p@ssw0rd p@ssw0rd1 p@ssw0rd123 p4ssw0rd pa$$word pa55word passpass passwort passwort1 mypassword newpassword changeme changeme1 changeme123 change_me
  letmein1 letmein123 welcome1 welcome12 welcome123 welcome1! welcome@123 iloveyou iloveyou1 iloveyou2 loveyou1 ilovegod sunshine sunshine1 princess princess1 football football1 baseball baseball1 basketball superman superman1 spiderman
  trustno1 trustnoone whatever whatever1 starwars starwars1 startrek michelle jennifer jonathan samantha alexander alexandra elizabeth christian christopher nicholas victoria danielle jessica1 michael1 charlie1 jordan23 ashley123
  computer computer1 internet internet1 internet123 samsung1 samsung123 nintendo playstation minecraft pokemon1 pokemon123 blink182 metallica slipknot liverpool liverpool1 chelsea1 arsenal1 barcelona juventus manchester corvette mercedes
  butterfly chocolate cocacola cheese12 cupcake1 marshmallow midnight mountain elephant dolphins diamonds garfield scooter1 snoopy12 bubbles1 precious precious1 babygirl babygirl1 sweetheart friends1 forever1 anthony1 matthew1 austin123
  admin123 admin1234 admin12345 admin@123 adminadmin administrator administrator1 root1234 rootroot toor1234 test1234 test12345 testtest testing1 testing123 guest123 user1234 user12345 default1 demo1234 temp1234 temppass secret12 secret123 master123 master12
  monkey12 monkey123 dragon12 dragon123 shadow12 shadow123 killer12 killer123 hunter12 hunter123 freedom1 fuckyou1 fuckyou2 fuckyou123 asshole1 bullshit hello123 hello1234 hellohello helloworld google123 facebook facebook1 linkedin linkedin1 myspace1
  summer2024 summer2025 summer2026 winter2024 winter2025 winter2026 spring2025 spring2026 autumn2025 autumn2026 january1 february september october1 november december monday12 sunshine123 security security1 gatehouse gatehouse1 gatehouse123
`.split(/\s+/).filter((word) => word !== ''))
