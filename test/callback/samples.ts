/**
 * Bodies in the layouts of Tencent's pages, without the comments. They have spaces before or after colons, tabs and
 * blanks at the ends of lines, and times as texts and as numbers.
 */
export const samples: Readonly<Record<string, string>> = {
  "Group.CallbackAfterRecallMsg": `{
    "CallbackCommand":"Group.CallbackAfterRecallMsg",\x20
    "Operator_Account":"lan",\x20
    "Type":"Community",\x20
    "GroupId":"20260117",\x20
    "MsgSeqList":[           \x20
        {"MsgSeq":130}
    ],
    "TopicId":"@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Harbour",
    "EventTime":"1718000014123"\t\t
}`,
  "OfficialAccount.CallbackAfterMsgWithDraw": `{
"CallbackCommand":"OfficialAccount.CallbackAfterMsgWithDraw",\x20
"Official_Account":"#TOA#_477",\x20
"WithdrawMsgList":[\x20
{
"MsgKey":"71_1_1718000015"
}
],
"EventTime": 1718000015123
}`,
  "Group.CallbackSendMsgException": `{
    "CallbackCommand": "Group.CallbackSendMsgException",\x20
    "GroupId": "@TGS#2EXAMPLEEL",\x20
    "Type": "Public",\x20
    "From_Account": "minh",\x20
    "Operator_Account":"lan",\x20
    "Random": 654321,\x20
    "OnlineOnlyFlag": 1,\x20
    "MsgBody": [\x20
    {
    "MsgType": "TIMTextElem",\x20
    "MsgContent": {
    "Text": "ferry at nine"
    }
    }
    ],
    "CloudCustomData": "draft 7",
    "ErrorCode": 10023,\x20
    "ErrorInfo": "too many messages,please wait",\x20
    "EventTime":"1718000016123"
    }`,
  "Group.CallbackAfterCreateTopic": `{
    "CallbackCommand": "Group.CallbackAfterCreateTopic",\x20
    "GroupId" : "@TGS#2EXAMPLEEL",
    "TopicId" : "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_@TOPIC#cEXAMPLE62C5",
    "Operator_Account": "group_root",\x20
    "Owner_Account": "siti",\x20
    "Type": "Community",\x20
    "Name": "TideTables",\x20
    "UserDefinedDataList": [\x20
    {
    "Key": "season",
    "Value": "summer"
    },
    {
    "Key": "pace",
    "Value": "slow"
    }
    ]
    }`,
};
