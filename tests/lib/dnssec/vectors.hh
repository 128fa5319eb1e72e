// A small zone signed with every algorithm by another implementation (BIND 9.18's dnssec-signzone, one key each, valid
// from 2026-01-01 to 2026-01-31): mixed case in owners and rdata, a wildcard, rdatas that are not in order.
#pragma once

#include <string_view>

namespace dnssectest {

struct Vector {
  unsigned algorithm;
  std::string_view records; // master file lines, each set followed by its signatures
};

inline constexpr Vector kVectors[] = {
    {5, R"(example.test. 300 IN NSEC Mail.example.test. NS SOA RRSIG NSEC DNSKEY
example.test. 300 IN RRSIG NSEC 5 2 300 20260131000000 20260101000000 33428 example.test. KrMD2Ik4REyN6xruibYS0KSbSVfd/lLfudQBmosF8Yh3OPxlvfVmPFw1qXpzoxZilnvTkoJXcPBJSfEW4UUDXSiovW/YutMDc7F/zkvtFW3hY8PARzM90Hb6lM4HOschMkRziond3IBWpCFTljpjFBUHOrU6p6Dig4C+A2h7jv4=
example.test. 3600 IN DNSKEY 257 3 5 AwEAAbKB8s5vHmtGHL9OcIHwBqWPegHx3//9V2ZH9aLGqckLu2uKv9L6iJNEz8X4XhWBpEvIl8gtZl/2yvwm2UujhmNcEZlsyLKf1vEIroqHUKcHpWsomcHB/Sn+ZLsZ9F6GiIRapI3DueaBRU8LdbtKhSYNouZjbVxceFeMKJH7h2GF
example.test. 3600 IN RRSIG DNSKEY 5 2 3600 20260131000000 20260101000000 33428 example.test. NZpwj9JnhGNItMXEyB2fhUzMpUWMwvQCVlQF1bOXnmuyiQeuGYsmXBQtRLzMgGwLGiTV0sJUZIUhSkYFP7In8AOcsz5p3qVojRYuVROQfrYuF0W+AJEgVk5ZFc3xIEgnVs4yPJSK3ojGjPY3kZNpnQt7/eakmCm9cNAxo4cQ/Ls=
*.Wild.example.test. 3600 IN TXT "abc"
*.Wild.example.test. 3600 IN TXT "b" "c"
*.Wild.example.test. 3600 IN TXT "a"
*.Wild.example.test. 3600 IN RRSIG TXT 5 3 3600 20260131000000 20260101000000 33428 example.test. ac9icyhykOQdmbNZijRTMUszNh0JIK9rrTK8oH9ZywHGPckSmA9+WIlDOaqpaaQG+ivT7K2srocoh5dt+KGrReMp24vnIwGdlsgu2xBsZ03wML+gfBnxqIy+uUDzonk9jaAb8zy17aFhq4OHhmUjtXoGRjNkoLTIgzd5XmnN1ig=
Mail.example.test. 3600 IN MX 20 B.Mail.example.test.
Mail.example.test. 3600 IN MX 10 Z.Other.Test.
Mail.example.test. 3600 IN MX 10 A.Mail.example.test.
Mail.example.test. 3600 IN RRSIG MX 5 3 3600 20260131000000 20260101000000 33428 example.test. PHwTO2+UzWs2ikMBwVeCyUvWQuU5MxiDonAKg8ATW1c4BSGDp7FHCVcO5nPmtJcuSnn63ivQ4hRVyZXyWoUE2e8yTNw/RX+4KSimR3UxFwUaLNEYBC++Z0Ho0QVcPo8il9gh7AFsz6k6JQ77fFv7dOJAKHxf2sOwsbvEl+bfetI=
example.test. 3600 IN DS 33428 5 2 A0DFE4240689CBD0624A9B4B955C7778D8A08FF542CA7A68D5EBA8DFC2F3625F
)"},
    {7, R"(example.test. 300 IN NSEC Mail.example.test. NS SOA RRSIG NSEC DNSKEY
example.test. 300 IN RRSIG NSEC 7 2 300 20260131000000 20260101000000 49965 example.test. q4j1+bYV2NMUIB5AjwvTvuNJkfruMxcPdqBUO8WfTaP+PO60VLJ2B48HQXMHZg193V/oHhH17TTVHV4BOMqqVjJabI5tIPJlr25GjJ3wuIlqaG06CxM1KzOrNq1Y8MS9G0eszdjTB0quH8KDUu4ip/Jvuk8ujmp8AJurgSkzWC0=
example.test. 3600 IN DNSKEY 257 3 7 AwEAAdWwZ+udKSkHvshUQfP8RS+WTxmmD6HYSCJW2M9+dcek6HzqD1Lhuk/wT5GfQBHdlAeYviXbby/ibB3O1vQf6hAN+4P2H6uGzo8iQM7+DOBGz5ARD9YMzY+a3SanRpudRo42BwqN4espLQ+dY3upPyqC0gK95tfw+SoHxJIAXjk5
example.test. 3600 IN RRSIG DNSKEY 7 2 3600 20260131000000 20260101000000 49965 example.test. Znhoc4/5++UcMeSrBucudC6cBWWLeP1GE++cLKtFP8CMBFbQaBxshlenmvWlzn+ZzKydPLHtsS5wDenizG+4vNGDtF7tMUrqPnimNNLWgngH6X+xZ+krmEPuEfXSDn1iSxX53j9sYobrThtcSLZVzQ5oRkHlQ16asX13QYvflBI=
Mail.example.test. 3600 IN MX 20 B.Mail.example.test.
Mail.example.test. 3600 IN MX 10 Z.Other.Test.
Mail.example.test. 3600 IN MX 10 A.Mail.example.test.
Mail.example.test. 3600 IN RRSIG MX 7 3 3600 20260131000000 20260101000000 49965 example.test. UoPAAOKulCHUgn6aEQ9d5U3rzJjRLdOFSB4TRL9sBcfMSAnmaWGVfp85FsQUonqPflOLDU+lcgHMlL/+bmt+L8+xWvtklE2pssH48wTh3RenIrdmWu+LCdP/KCYaCKC5AEGkjWYYukPMoFm0wzQUlWHSNAKNktuCjm/zi1AtwBE=
*.Wild.example.test. 3600 IN TXT "abc"
*.Wild.example.test. 3600 IN TXT "b" "c"
*.Wild.example.test. 3600 IN TXT "a"
*.Wild.example.test. 3600 IN RRSIG TXT 7 3 3600 20260131000000 20260101000000 49965 example.test. f636KcQqtBVZ0P2o8jeZ0ixaV2sr17vCwRbxkeYm7/0X9EPya0I64CNUgAnPtAsHSG/aLbA9ovlxtWCrMmViWdIa1jDzvGzoxGWna55E2wLPml2WHOOPscwgvGnNn3vFxr7n2U6HWXgzpOZKEMtt1BXyAV1Zp6MRgeeon2K6U6E=
example.test. 3600 IN DS 49965 7 2 0928363CFFE1B40AC98A801C8E90B261A0F7C7C07AC822676E65141FA74985F6
)"},
    {8, R"(example.test. 300 IN NSEC Mail.example.test. NS SOA RRSIG NSEC DNSKEY
example.test. 300 IN RRSIG NSEC 8 2 300 20260131000000 20260101000000 61292 example.test. LnlafV6dfjX8d/jNFozaehJ5f2NdFLfiCByM+GqCdNQ2VJPMSlX3h1eqxpPlOdiHP989mq6bLMueIwaOeeGMKV+pt7sSQ0Ayzw0vfEV+JJnntUsHXBwntuwYMJlDRmV3EuzsGRQB43hARz/ZHCCxUEPDHDM3Y2LTtRbKzkw/Fvs=
example.test. 3600 IN DNSKEY 257 3 8 AwEAAeMJdPfYd6nOs2NDtkX5j0vFzriwSdt1Rzw51KYdMjWA7X1yIsEhKbFUWnL55MZZiqegIVNTJyGFYFyF0IZIL/tiuc7y1sF6wUuXvo9WGVf4J+ZZXwQoVlz6E+QOCgNHAJMDeDAJVu28z+XkBc7waq3nEaKbSguWHYoGb8kUIshr
example.test. 3600 IN RRSIG DNSKEY 8 2 3600 20260131000000 20260101000000 61292 example.test. jrC6yc0Y1SVGsi9UPlsEoxPZy9GQhgeigyd3iXN/korwSqYzhjkEgSNgvNcF8r532tDbp9VSXLydWSMX/HvJkSXWFEgxb8OvkqmMeX7ckcIOHCiZJLF/FQNo1Ot9KAJU8qvqsPp9G5eWnU6I3caPJMfOtxSJvJ12wCPMEk++3mg=
Mail.example.test. 3600 IN MX 20 B.Mail.example.test.
Mail.example.test. 3600 IN MX 10 Z.Other.Test.
Mail.example.test. 3600 IN MX 10 A.Mail.example.test.
Mail.example.test. 3600 IN RRSIG MX 8 3 3600 20260131000000 20260101000000 61292 example.test. oSC6fALmB+BHA7aeUChN6KMVZPIBfwoxN01lEi7TON3TF3Y5RNFr/1yo1jgpDydAtF0BjP4/lJzH5eSi+X7p3aLb12CmBqylKLOqoJEHrVAy0HurucW/cXEZGjgj2otOst86fRbizcZn6z7f7S20O5zxp5cBmZpVk/+KdHv7Cug=
*.Wild.example.test. 3600 IN TXT "abc"
*.Wild.example.test. 3600 IN TXT "b" "c"
*.Wild.example.test. 3600 IN TXT "a"
*.Wild.example.test. 3600 IN RRSIG TXT 8 3 3600 20260131000000 20260101000000 61292 example.test. BP9a3vykHTOCRSP+fDbWfWSi+C9vDhTFQKJ77NBSWNHUTOhCJoWXY8Q4+44XZmAu/E6xbbWdHYxoSTnWIW9NwmEeD+MzVXw1gH7+geQ5b2vm25iXHwCZ0WEw6RLSbsxv+oriSdmMnBhuogadn8bX+K0KLSLjArNIrv2rpLMQnfs=
example.test. 3600 IN DS 61292 8 2 9E07B62570700FB26077D8D0C4C1E223D417D49707DA2747ADF0B7EE4B78480F
)"},
    {10, R"(example.test. 300 IN NSEC Mail.example.test. NS SOA RRSIG NSEC DNSKEY
example.test. 300 IN RRSIG NSEC 10 2 300 20260131000000 20260101000000 60297 example.test. c6A5LFPJSQfWS3oacK1CyqLZSgdoz4/Iz+6ezPBlUcHteIH1VrzII1x8Q5h6WVscyABbhkePayxoED0KKQPKdjRl8landecQmY/yu/DEh9Bf1Rd5bIFtj1iDSgf1P8MgpRjHW+NCNT8c/y4gvnrDJMtH1KPRtPTPlchnjRqLit7Vrer3zpyWrM/7ryqu34KNlRZAi17iPFXJUBREkS89rndcZjU+kaF+70ISSFLafxXC6MHfkDMGSqwHTviPXNXZUL4hLQekXmzfMIEbsn0IErIml6W3Bu0dR2zwrUwg5hAJYMCIccRwgaTdVFuQipzEjWwSvHCpfcRlqHoXBsHUqg==
example.test. 3600 IN DNSKEY 257 3 10 AwEAAZzCmTpOvPvXpKFyh5PxmA257OvCdOESMVW3bHHtF0en2EMQESLCp8xqJNk6aEHFJRaQDURxsBay3jz7x6Ct8R06VqVSsT90tAqkmK03WRm/RHRb6PIFjBrvM4OzPloqLSobEXahWJyQnA7//GhMDasx4u+HiGc8AKdFjLi0oSha1bou4V9v/Xe78tKaCqptoBjOPpAnZhlzqFFwYRMQaxDlg7u8IKT/s4sE+sr5B6AUfA6BuzJCGpBx2A2R3YkhBwEVbCViSPjTZXKhi6hAXWJYMYT/fPP0TENxGCMmR3E7l7IHKMKhwxmNkchk35eSxLhJAWYVIDGiBInijlP6y7s=
example.test. 3600 IN RRSIG DNSKEY 10 2 3600 20260131000000 20260101000000 60297 example.test. iETG0dcoDFpHoANQ4opxvLo6Sx6At0KFs0pGkp9jxEgdTj+MShVNoLSRHtc0HROJBVVWt1vRONQwX7LN0rDcIa3e+LTvbaXPHbj1EfkC/UfdCN68kVY13NuuHpRaOASUBRW4SbIbdk7Ljgg5YAPXsQOMUb5RNTVXNAcTSeERBOWXg3FGNBKGWMWwBfZI6MP0TY1a3b1KWyWgm83benouOKvvg7MjagIqgchDNO20pJEcC27wwAnAj/fZlqFhQjQo9m+nppokClKqpqq1rnk6eIjmoLmnGDY0QuIjgjiAXpFjMYNmQ8ZryDVGKxPvChTgvzNn+jcz6Nn8zg4Zb41pLg==
Mail.example.test. 3600 IN MX 20 B.Mail.example.test.
Mail.example.test. 3600 IN MX 10 Z.Other.Test.
Mail.example.test. 3600 IN MX 10 A.Mail.example.test.
Mail.example.test. 3600 IN RRSIG MX 10 3 3600 20260131000000 20260101000000 60297 example.test. ZXwAEB+d5Zfd5K+0tA9+ujaiFRiLuIo+EfwtqPgptQwFEysQ6bgQ0gxaIYp7JmcAtSK2VN0ylF/OqHyKZnxvCRqsO3t9uNA7odGG/zl7+h7kxr0L48fxP/AieAQegiDN8qjc8VN6u3bjA++yGdmdQNU0X74BbzoPEXPBfs/XTvck5uaoXAxfp6AMmIXhGO7MWAXSsVQlqZ2YSVKvK8eB02+LQzxeuvmGnrUr7kjCmOACGb+QFggI8LXSD+JqojFVBkkOaYQg5AkNGq0T7VT696aJ3T9wn4gvpArB1muR7P9qBHMB2tCG7E7hxaqdObOF8vzhrJv2K1mpVetH/3FT3w==
*.Wild.example.test. 3600 IN TXT "abc"
*.Wild.example.test. 3600 IN TXT "b" "c"
*.Wild.example.test. 3600 IN TXT "a"
*.Wild.example.test. 3600 IN RRSIG TXT 10 3 3600 20260131000000 20260101000000 60297 example.test. hhBVSN7uNAAfdBEwk3QBIiqSah6QSo2ffDH4er48Fqeb0x+1BTdxoMEUTYlSB1D4w475KyiISI4p5tb3R3MtSI54IY79512IxStMWzaYtWlzYMH1m+K0Oet3jUjyzyizMOMrCMvuTxC7NF0r8+uG/YaU9b8BLBHnOsweoKaiydMIQXvN6AEqKUq+SU2p7W7wnzX9iyTxIb0qsR+ZORxEE5yJQGxI/esYw6mAbgibtZgx524hn2nHwjRgaHMdpUsZjUVbo8oldy4S0vGb1pARj+Lk+Ir3hppQ5JiuDbvQUb8oz6kSIuZW5kxXzwqzE+D8BoHZE6urqFDMZGskF1BPww==
example.test. 3600 IN DS 60297 10 2 347057E1976EB17D801189D0DBF57621DE05D532A819BBD835DA8250219501B6
)"},
    {13, R"(example.test. 300 IN NSEC Mail.example.test. NS SOA RRSIG NSEC DNSKEY
example.test. 300 IN RRSIG NSEC 13 2 300 20260131000000 20260101000000 2859 example.test. n+IfmBLxLKigsbm1Lndq5SCDVntmonWfPaGQqs5k4u15nU08K2KzvxgwwH5mB7SOdlaldFe0vieK1C8Bpk7g8Q==
example.test. 3600 IN DNSKEY 257 3 13 +qNuOMg3tq5zZJYzQ4KfrgKwBvjNveXpiJyt5qDvkufJAQLz5wpYEod8jOMpydAas/9mGvqWOxMwsE3W+DYrDw==
example.test. 3600 IN RRSIG DNSKEY 13 2 3600 20260131000000 20260101000000 2859 example.test. hiZwQjyYkF42zzwY/vtMaNJkJAIDbOQJWAkF7uDhVO0dUYJKMDt9Po8VxOG6inA0Z8sOynXq9D14PToGMhS1cA==
Mail.example.test. 3600 IN MX 20 B.Mail.example.test.
Mail.example.test. 3600 IN MX 10 Z.Other.Test.
Mail.example.test. 3600 IN MX 10 A.Mail.example.test.
Mail.example.test. 3600 IN RRSIG MX 13 3 3600 20260131000000 20260101000000 2859 example.test. oF6sHNPVOL4YPggdYWJ+/XuKIGHeYu4gCnplLDvOhye/pgcGNJ3R07YI71hFcxNAs8SGKWhTms9bIKrOBvGjsw==
*.Wild.example.test. 3600 IN TXT "abc"
*.Wild.example.test. 3600 IN TXT "b" "c"
*.Wild.example.test. 3600 IN TXT "a"
*.Wild.example.test. 3600 IN RRSIG TXT 13 3 3600 20260131000000 20260101000000 2859 example.test. 9ZRJaXdPoo5ejApnJ8kb6fcE9AsxmMnrx4nSo2jjMvbYMiu7FruQ6qkRDJI2XHfB5VAboLr/9hf6yxjymucZSA==
example.test. 3600 IN DS 2859 13 2 3C77AD756BB1301103CA7E144262C4A264309E7EBAD428B0F00D27A39B4131AC
)"},
    {14, R"(example.test. 300 IN NSEC Mail.example.test. NS SOA RRSIG NSEC DNSKEY
example.test. 300 IN RRSIG NSEC 14 2 300 20260131000000 20260101000000 7470 example.test. X+frLiY1xp8L8JqcZzE1K4OJv78qISI6mxvnkkWMwWIdBFC1M79NcsopLYXq+dP4j9PzsN1ApiNiik5TMvs6q4nfGMYSDDrK7bNMsQFV5J2moOb+SHChQjl3tIUuYUV+
example.test. 3600 IN DNSKEY 257 3 14 zxjyBqy+Oxq2UNN9f1maNYCBEBdoTlbyodY6ouJ8e4EihtI68+twgJYwRyRVs7UqI76cB6bunqZKDD1kaXJUMaUvPuFX/+5tCNpqDgp2FY+qkhNL8pz1kpoiw2S4YD1H
example.test. 3600 IN RRSIG DNSKEY 14 2 3600 20260131000000 20260101000000 7470 example.test. HQT0t2WJ6Rpl5yEbkgD5pCY/U2R3lksRLi/b7cjYQhd2IBCmlF/h3sKllbWL1J5GiKctegbYMBVj7tNiqnEiSComoR9VU3hQ1Evag8hWTDpSkfOk6YSmvXR2LMlFTGYD
Mail.example.test. 3600 IN MX 20 B.Mail.example.test.
Mail.example.test. 3600 IN MX 10 Z.Other.Test.
Mail.example.test. 3600 IN MX 10 A.Mail.example.test.
Mail.example.test. 3600 IN RRSIG MX 14 3 3600 20260131000000 20260101000000 7470 example.test. ASnbkbxlUolW5EuRJ79NtqzT+13YzIJmeUCedqYohUzg0ueWu39xY4OeDaMJ7jF3VgxPtYYi6T+66psEHa1Ud6NoN4lbVeuGwHdV9xoispzpdLkOX4MexFL5I/PGMMca
*.Wild.example.test. 3600 IN TXT "abc"
*.Wild.example.test. 3600 IN TXT "b" "c"
*.Wild.example.test. 3600 IN TXT "a"
*.Wild.example.test. 3600 IN RRSIG TXT 14 3 3600 20260131000000 20260101000000 7470 example.test. 91kkgJ9VlWIwfyhWuAcvXLpbhn6H6k8YdPmCXPTOnTEU5AnbbwmHFagUF7YTH0IqbrYvtvVPITiXg81dFc2STwzkoUxX0GyHp4GaDXzrplntAi7kTLhWoksKO/vJvv1y
example.test. 3600 IN DS 7470 14 2 1F985FAD75729C78496F5BB18CEC875D06B736E9C0084E9A700D5D38584B8BD0
)"},
    {15, R"(example.test. 3600 IN SOA NS1.Example.Test. Host.Example.Test. 1 7200 3600 1209600 300
example.test. 3600 IN RRSIG SOA 15 2 3600 20260131000000 20260101000000 62000 example.test. J4vP2Aac/Z+7Yk2CcNIHD9ATNElmHnLf1QaIE9AKu2BzrqZ4eo83pUSn/vs4/bNGkdc2TbxPTj0BOqOXoF4ZDw==
example.test. 300 IN NSEC Mail.example.test. NS SOA RRSIG NSEC DNSKEY
example.test. 300 IN RRSIG NSEC 15 2 300 20260131000000 20260101000000 62000 example.test. Za+2Ud8/sLraSGRD+VBPxqIu19oMYaLfHfDKG93Mfyey8hVxyB8jC3M2sDK++yjBt7Tmltjd1TbZ/XDuHpSVAA==
example.test. 3600 IN DNSKEY 257 3 15 du0s4JAVNMs0u00daYWwlMZc1s857cu65FGVkAB1zFM=
example.test. 3600 IN RRSIG DNSKEY 15 2 3600 20260131000000 20260101000000 62000 example.test. VHj7Z+TATXtN+sqJC9F5CrYWfAZXzaPqxjxV0XRbOWarDyqa+86IiMfq9wBqdMWiQawPJpGzwbKxylD7TIjkDQ==
Mail.example.test. 3600 IN MX 20 B.Mail.example.test.
Mail.example.test. 3600 IN MX 10 Z.Other.Test.
Mail.example.test. 3600 IN MX 10 A.Mail.example.test.
Mail.example.test. 3600 IN RRSIG MX 15 3 3600 20260131000000 20260101000000 62000 example.test. qgxQmpBvILt7OF6TxX66Wh9iflNPBXIHmLHHkezBMQ+YcoLovOoUaQxahxc5JQeB/DUFK8WD8nuFdjbek15hAg==
*.Wild.example.test. 3600 IN TXT "abc"
*.Wild.example.test. 3600 IN TXT "b" "c"
*.Wild.example.test. 3600 IN TXT "a"
*.Wild.example.test. 3600 IN RRSIG TXT 15 3 3600 20260131000000 20260101000000 62000 example.test. BNmhG6oOA/AMW4yVEp0z9OW/yNlcK/nSiFq8Kn6oocAlRRFmFLJjrAiHtFnc0i+Bd+CLKqyNeHumOngOb6MhCw==
example.test. 3600 IN DS 62000 15 2 C5057125A98574C4804D7B1389739F36A566215DE179BA4BC1DF473AEF529C60
example.test. 3600 IN DS 62000 15 1 AB7C5CEA44F5489843E3911BB84D703864CC289E
example.test. 3600 IN DS 62000 15 4 FB90DBE997A04A15E687D8CEF9975A90B5E367F1CC1F65A932A4AC1E3AFB9FC40428AE2793E6D0BD0E59EAC6E1780E4B
)"},
    {16, R"(example.test. 300 IN NSEC Mail.example.test. NS SOA RRSIG NSEC DNSKEY
example.test. 300 IN RRSIG NSEC 16 2 300 20260131000000 20260101000000 50995 example.test. TDgaXcsxcNx/SYM4eNgMdvXndC0uKL43gYc5/YTkfIcUAZBpEmGrbVdZDB9ko/SJBhnQ/+Ggp0UAMlTPySaDR2dSXrXUtRGHz/QYuOGk7TeTpYPh/M/TodS3GHW/uWHkIbTva57fRfZ5H0qmYHDUYBkA
example.test. 3600 IN DNSKEY 257 3 16 ukWbL1MfyEDY00VtZgufvj+iVRjydpnRFBF1xcRsyeSIGc6gUBNEa/ZUy/rfCUPIVZdXmUawMNsA
example.test. 3600 IN RRSIG DNSKEY 16 2 3600 20260131000000 20260101000000 50995 example.test. 7Th5xjmwcUlj3u+AxI/rwzhPoIBz851WPdmCc3nDJLvskKFThswchZ2IPo9m5p4Ae9ZQnuGc6ciAP2w4rxqrdNefxRWvGrC87ZGahkl1VFvgEM0AZZ98u11ypWwrQZesaksZKpQIjwPnYHxPBG0hjBIA
*.Wild.example.test. 3600 IN TXT "abc"
*.Wild.example.test. 3600 IN TXT "b" "c"
*.Wild.example.test. 3600 IN TXT "a"
*.Wild.example.test. 3600 IN RRSIG TXT 16 3 3600 20260131000000 20260101000000 50995 example.test. nxjsvmbiSSqxeBf3PBDR+qlBxD7aKopOuuMcjn8l7ytc+1/itCTa2waZjK5IWeKGkONFRqTzmIwAtPBJaGe7+2RfdmSM1IbKAByBSu7/d4Ekg8JZkr8e+mCFydAQpoFHm1oJ/anSu+pznLP2YSOipysA
Mail.example.test. 3600 IN MX 20 B.Mail.example.test.
Mail.example.test. 3600 IN MX 10 Z.Other.Test.
Mail.example.test. 3600 IN MX 10 A.Mail.example.test.
Mail.example.test. 3600 IN RRSIG MX 16 3 3600 20260131000000 20260101000000 50995 example.test. tN6jTO4zbCxYE6tPq+eAKg7RMz31Jooz05CioRpTYejeyNTqR35di8teE/bStawR+CDLHuMYbDuAExx2zn/iaKIUKhqhj2GzuiWyCvHkqxKv+SO4cgyuxQ7TbhoQSHfgzlhkx+8DKj+FmGWItIjksDsA
example.test. 3600 IN DS 50995 16 2 CB781CCC86812B7180A42FEBBCFBD9FB5BE1439C5AC518688DF0858F78AD9817
)"},
};

} // namespace dnssectest
